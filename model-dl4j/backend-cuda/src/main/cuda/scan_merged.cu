// Scans of short directions that share positions (cross and bidirectional orders). Grid: (blocks of channels, samples);
// a warp for each direction. The map and every direction's results stay in shared memory: the map is read and the sum,
// in the order of directions, is written once.
//
// Shared memory: (1 + directions) planes of 32 channels by an odd number of positions.
#include "scan.cuh"

template <int N>
static __device__ __forceinline__ void scanMerged(const ScanSizes& s, const ScanInputs& in, float* y, float* saved) {
  extern __shared__ float shared[];
  int stride = s.positions | 1;
  float* map = shared;
  float* results = shared + LANES * stride;
  int first = blockIdx.x * LANES;
  int sample = blockIdx.y;
  int lane = threadIdx.x % LANES;
  int direction = threadIdx.x / LANES;
  int channel = first + lane;
  int elements = min(LANES, s.channels - first) * s.positions;
  size_t origin = mapRow(s, sample, 0, first);
  for (int i = threadIdx.x; i < elements; i += blockDim.x) {
    map[i / s.positions * stride + i % s.positions] = __ldg(in.u + origin + i);
  }
  __syncthreads();
  if (channel < s.channels) {
    int row = direction * s.channels + channel;
    size_t sequence = (size_t)sample * s.directions + direction;
    float skip = in.skip ? __ldg(in.skip + row) : 0.0f;
    float bias = in.bias ? __ldg(in.bias + row) : 0.0f;
    float rates[N];
    loadRates(rates, in.aLog + (size_t)row * s.states, s.states);
    float h[N];
#pragma unroll
    for (int n = 0; n < N; n++) {
      h[n] = 0.0f;
    }
    float* mine = results + (direction * LANES + lane) * stride;
    for (int t = 0; t < s.steps; t++) {
      size_t step = sequence * s.steps + t;
      float b[N];
      float c[N];
      loadStates(b, in.b + step * s.states, s.states);
      loadStates(c, in.c + step * s.states, s.states);
      int position = __ldg(in.table + direction * s.steps + t);
      float u = map[lane * stride + position];
      advance(h, rates, b, stepSize(s, __ldg(in.delta + step * s.channels + channel) + bias), u);
      float sum = skip * u;
#pragma unroll
      for (int n = 0; n < N; n++) {
        sum += c[n] * h[n];
      }
      mine[position] = sum;
      if (((t + 1) % CHUNK == 0 || t + 1 == s.steps) && t / CHUNK < s.savedStates) {
#pragma unroll
        for (int n = 0; n < N; n++) {
          if (n < s.states) {
            saved[((sequence * s.savedStates + t / CHUNK) * s.states + n) * s.channels + channel] = h[n];
          }
        }
      }
    }
  }
  __syncthreads();
  for (int i = threadIdx.x; i < elements; i += blockDim.x) {
    int at = i / s.positions * stride + i % s.positions;
    float sum = 0.0f;
    for (int k = 0; k < s.directions; k++) {
      sum += results[k * LANES * stride + at];
    }
    y[origin + i] = sum;
  }
}

#define SCAN_MERGED(N)                                                                                                \
  ENTRY(scan_merged_##N, const ScanSizes s, const ScanInputs in, float* y, float* saved) {                            \
    scanMerged<N>(s, in, y, saved);                                                                                   \
  }

SCAN_MERGED(1)
SCAN_MERGED(2)
SCAN_MERGED(4)
SCAN_MERGED(8)
SCAN_MERGED(16)
