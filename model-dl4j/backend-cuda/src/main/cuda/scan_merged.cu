// Scans of short directions that share positions (cross and bidirectional orders). Grid: (blocks of channels, samples);
// a warp for each direction. The map and every direction's results stay in shared memory: the map is read and the sum,
// in the order of directions, is written once.
//
// Shared memory: (1 + directions) planes of 32 channels by an odd number of positions, rounded up to 4 floats; for each
// direction a tile and its positions.
#include "scan_step.cuh"

template <int N>
static __device__ __forceinline__ void scanMerged(const ScanSizes& s, const ScanInputs& in, Stored* y, float* saved) {
  extern __shared__ __align__(16) float shared[];
  const int GROUP = ScanLane<N>::GROUP;
  int stride = s.positions | 1;
  float* tiles = shared;
  int* places = (int*)(tiles + s.directions * TILE_FLOATS(N));
  float* map = (float*)(places + s.directions * TILE);
  float* results = map + LANES * stride;
  int direction = threadIdx.x / LANES;
  ScanWarp w = scanWarp(s, blockIdx.x, direction, blockIdx.y);
  const int BATCH = 8;
  for (int p = w.lane; p < s.positions; p += LANES) {
    for (int channel = direction; channel < LANES; channel += BATCH * s.directions) {
      float values[BATCH];
#pragma unroll
      for (int i = 0; i < BATCH; i++) {
        int row = channel + i * s.directions;
        values[i] = row < w.count ? readStored(in.u + w.map + row * s.positions + p) : 0.0f;
      }
#pragma unroll
      for (int i = 0; i < BATCH; i++) {
        int row = channel + i * s.directions;
        if (row < LANES) {
          map[row * stride + p] = values[i];
        }
      }
    }
  }
  float* tile = tiles + direction * TILE_FLOATS(N);
  int* place = places + direction * TILE;
  ScanLane<N> scan;
  scan.begin(s, in, w);
  float* mine = results + (direction * LANES + w.lane) * stride;
  StepTile<N, TILE> steps;
  steps.fetch(s, in, w, 0, s.steps);
  __syncthreads();
  for (int t = 0; t < s.steps; t += TILE) {
    int count = min(TILE, s.steps - t);
    __syncwarp();
    scan.put(s, steps, count, tile, w.lane);
    if (w.lane < TILE) {
      place[w.lane] = w.lane < count ? __ldg(in.table + direction * s.steps + t + w.lane) : 0;
    }
    __syncwarp();
    steps.fetch(s, in, w, t + TILE, s.steps - t - TILE);
#pragma unroll 1
    for (int i = 0; i < count; i += GROUP) {
      int positions[GROUP];
      float values[GROUP];
#pragma unroll
      for (int k = 0; k < GROUP; k++) {
        positions[k] = place[i + k];
        values[k] = map[w.lane * stride + positions[k]];
      }
#pragma unroll
      for (int k = 0; k < GROUP; k++) {
        values[k] = scan.step(tile, i + k, w.lane, values[k]);
      }
#pragma unroll
      for (int k = 0; k < GROUP; k++) {
        if (i + k < count) {
          mine[positions[k]] = values[k];
        }
      }
    }
    scan.save(s, w, t + count, saved);
  }
  __syncthreads();
  for (int channel = direction; channel < w.count; channel += s.directions) {
    for (int p = w.lane; p < s.positions; p += LANES) {
      float sum = 0.0f;
      for (int k = 0; k < s.directions; k++) {
        sum += results[(k * LANES + channel) * stride + p];
      }
      writeStored(&y[w.map + channel * s.positions + p], sum);
    }
  }
}

// Four directions at most.
#define SCAN_MERGED(N, BLOCKS)                                                                                        \
  STORED_BOUNDED_ENTRY(4 * LANES, BLOCKS, scan_merged_##N, const ScanSizes s, const ScanInputs in, Stored* y,         \
                       float* saved) {                                                                                \
    scanMerged<N>(s, in, y, saved);                                                                                   \
  }

SCAN_MERGED(1, 8)
SCAN_MERGED(2, 8)
SCAN_MERGED(4, 6)
SCAN_MERGED(8, 5)
SCAN_MERGED(16, 4)
