// Maps in the order of their steps, for the gradient, and back: (samples, directions, steps, channels), as steps' sizes
// are. The gradient reads maps more than once, and has no room for windows of two of them.
//
// Grid: (blocks of channels times windows, directions, samples) of four warps; or half the directions and blocks of eight,
// where the directions i and i + K / 2 take the other halves of the same sectors. Shared memory: a window for each four.
#include "scan.cuh"

#define WARPS 4

// What a warp has to do with: the part of its four in shared memory, and one of the four's shares of channels.
struct SequencePart {
  ScanWarp w;
  float* rows;
  int stride;
  int warp;
  int t;
  int count;

  // The lane's channel at the part's first step, in the order of steps.
  __device__ __forceinline__ size_t first(const ScanSizes& s) const {
    return (w.sequence * s.steps + t) * s.channels + w.first + w.lane;
  }
};

static __device__ __forceinline__ SequencePart sequencePart(const ScanSizes& s, int window, float* room) {
  SequencePart p;
  int blocks = (s.channels + LANES - 1) / LANES;
  int partner = threadIdx.x / LANES / WARPS;
  p.warp = threadIdx.x / LANES % WARPS;
  p.stride = window | 1;
  p.rows = room + partner * LANES * p.stride;
  p.w = scanWarp(s, blockIdx.x % blocks, blockIdx.y + partner * gridDim.y, blockIdx.z);
  p.t = blockIdx.x / blocks * window;
  p.count = min(window, s.steps - p.t);
  return p;
}

STORED_ENTRY(scan_gather, const ScanSizes s, const ScanInputs in, const Stored* map, int window, Stored* rows) {
  extern __shared__ __align__(16) float shared[];
  SequencePart p = sequencePart(s, window, shared);
  loadWindow<LANES / WARPS>(map, s, in, p.w, p.t, p.count, p.warp * (LANES / WARPS), p.rows, p.stride);
  __syncthreads();
  Stored* to = rows + p.first(s);
  for (int i = p.warp; i < p.count; i += WARPS) {
    if (p.w.active()) {
      writeStored(&to[(size_t)i * s.channels], p.rows[p.w.lane * p.stride + i]);
    }
  }
}

// Directions' maps are floats and `slice` apart, or there is one.
STORED_ENTRY(scan_scatter, const ScanSizes s, const ScanInputs in, const float* rows, int window, long long slice,
             void* map) {
  extern __shared__ __align__(16) float shared[];
  SequencePart p = sequencePart(s, window, shared);
  const float* from = rows + p.first(s);
#pragma unroll 4
  for (int i = p.warp; i < p.count; i += WARPS) {
    p.rows[p.w.lane * p.stride + i] = p.w.active() ? __ldg(from + (size_t)i * s.channels) : 0.0f;
  }
  __syncthreads();
  const int SHARE = LANES / WARPS;
  if (isFloat(slice > 0)) {
    storeWindow<SHARE>(
        (float*)map + p.w.direction * slice, s, in, p.w, p.t, p.count, p.warp * SHARE, p.rows, p.stride);
  } else {
    storeWindow<SHARE>((Stored*)map, s, in, p.w, p.t, p.count, p.warp * SHARE, p.rows, p.stride);
  }
}
