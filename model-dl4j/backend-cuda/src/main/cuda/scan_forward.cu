// Scans of any length. Grid: (blocks of channels times segments, directions, samples) of one warp; or half the directions
// and blocks of two warps, where the directions i and i + K / 2 read the other halves of the same sectors.
//
// A direction is one segment, or is cut into several that begin with the states that scan_segments.cu has found.
// Directions that share positions write maps of floats of their own, `slice` elements apart, to be added afterwards.
//
// Shared memory of a warp: a tile, and a window of the map, which becomes its results.
#include "scan_step.cuh"

template <int N>
static __device__ __forceinline__ void scanForward(
    const ScanSizes& s, const ScanInputs& in, const float* starts, int segmentSteps, int window, size_t slice, void* y,
    float* saved) {
  extern __shared__ __align__(16) float shared[];
  const int GROUP = ScanLane<N>::GROUP;
  int stride = window | 1;
  int warp = threadIdx.x / LANES;
  float* tile = shared + warp * (TILE_FLOATS(N) + (LANES * stride));
  float* map = tile + TILE_FLOATS(N);
  int blocks = (s.channels + LANES - 1) / LANES;
  int segment = blockIdx.x / blocks;
  int segments = gridDim.x / blocks;
  ScanWarp w = scanWarp(s, blockIdx.x % blocks, blockIdx.y + warp * gridDim.y, blockIdx.z);
  ScanLane<N> scan;
  scan.begin(s, in, w);
  if (starts && w.active()) {
#pragma unroll
    for (int n = 0; n < N; n++) {
      size_t at = ((w.sequence * segments + segment) * s.states + n) * s.channels + w.first + w.lane;
      scan.h[n] = n < s.states ? starts[at] : 0.0f;
    }
  }
  int end = min((segment + 1) * segmentSteps, s.steps);
  StepTile<N, TILE> steps;
  steps.fetch(s, in, w, segment * segmentSteps, end - segment * segmentSteps);
  for (int first = segment * segmentSteps; first < end; first += window) {
    int last = min(first + window, end);
    __syncthreads();
    loadWindow<LANES>(in.u, s, in, w, first, last - first, 0, map, stride);
    for (int t = first; t < last; t += TILE) {
      int count = min(TILE, last - t);
      __syncwarp();
      scan.put(s, steps, count, tile, w.lane);
      __syncwarp();
      steps.fetch(s, in, w, t + count, end - t - count);
      float* at = map + w.lane * stride + t - first;
#pragma unroll 1
      for (int i = 0; i < count; i += GROUP) {
        float values[GROUP];
#pragma unroll
        for (int k = 0; k < GROUP; k++) {
          values[k] = i + k < count ? at[i + k] : 0.0f;
        }
#pragma unroll
        for (int k = 0; k < GROUP; k++) {
          values[k] = scan.step(tile, i + k, w.lane, values[k]);
        }
#pragma unroll
        for (int k = 0; k < GROUP; k++) {
          at[i + k] = values[k];
        }
      }
      scan.save(s, w, t + count, saved);
    }
    __syncthreads();
    if (isFloat(slice > 0)) {
      storeWindow<LANES>((float*)y + w.direction * slice, s, in, w, first, last - first, 0, map, stride);
    } else {
      storeWindow<LANES>((Stored*)y, s, in, w, first, last - first, 0, map, stride);
    }
  }
}

#define SCAN_FORWARD(N, BLOCKS)                                                                                       \
  STORED_BOUNDED_ENTRY(2 * LANES, BLOCKS, scan_forward_##N, const ScanSizes s, const ScanInputs in,                   \
                       const float* starts, int segmentSteps, int window, long long slice, void* y, float* saved) {   \
    scanForward<N>(s, in, starts, segmentSteps, window, (size_t)slice, y, saved);                                     \
  }

SCAN_FORWARD(1, 8)
SCAN_FORWARD(2, 8)
SCAN_FORWARD(4, 8)
SCAN_FORWARD(8, 6)
SCAN_FORWARD(16, 6)
