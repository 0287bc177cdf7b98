// Maps in the order of their steps, for the gradient, and back: (samples, directions, steps, channels), as steps' sizes
// are. The gradient reads maps more than once, and has no room for windows of two of them.
//
// Grid: (blocks of channels times windows, directions, samples) of four warps; or half the directions and blocks of eight,
// where the directions i and i + K / 2 take the other halves of the same sectors. Shared memory: a window for each four.
#include "scan.cuh"

#define WARPS 4

ENTRY(scan_gather, const ScanSizes s, const ScanInputs in, const float* map, int window, float* rows) {
  extern __shared__ __align__(16) float shared[];
  int stride = window | 1;
  int blocks = (s.channels + LANES - 1) / LANES;
  int warp = threadIdx.x / LANES % WARPS;
  int partner = threadIdx.x / LANES / WARPS;
  float* part = shared + partner * LANES * stride;
  ScanWarp w = scanWarp(s, blockIdx.x % blocks, blockIdx.y + partner * gridDim.y, blockIdx.z);
  int t = blockIdx.x / blocks * window;
  int count = min(window, s.steps - t);
  loadWindow<LANES / WARPS>(map, s, in, w, t, count, warp * (LANES / WARPS), part, stride);
  __syncthreads();
  float* to = rows + (w.sequence * s.steps + t) * s.channels + w.first + w.lane;
  for (int i = warp; i < count; i += WARPS) {
    if (w.active()) {
      to[(size_t)i * s.channels] = part[w.lane * stride + i];
    }
  }
}

// Directions' maps are `slice` apart.
ENTRY(scan_scatter, const ScanSizes s, const ScanInputs in, const float* rows, int window, long long slice, float* map) {
  extern __shared__ __align__(16) float shared[];
  int stride = window | 1;
  int blocks = (s.channels + LANES - 1) / LANES;
  int warp = threadIdx.x / LANES % WARPS;
  int partner = threadIdx.x / LANES / WARPS;
  float* part = shared + partner * LANES * stride;
  ScanWarp w = scanWarp(s, blockIdx.x % blocks, blockIdx.y + partner * gridDim.y, blockIdx.z);
  int t = blockIdx.x / blocks * window;
  int count = min(window, s.steps - t);
  const float* from = rows + (w.sequence * s.steps + t) * s.channels + w.first + w.lane;
#pragma unroll 4
  for (int i = warp; i < count; i += WARPS) {
    part[w.lane * stride + i] = w.active() ? __ldg(from + (size_t)i * s.channels) : 0.0f;
  }
  __syncthreads();
  storeWindow<LANES / WARPS>(
      map + w.direction * slice, s, in, w, t, count, warp * (LANES / WARPS), part, stride);
}
