// Scans of any length. Grid: (blocks of channels times segments, directions, samples) of one warp.
//
// A direction is one segment, or is cut into several that begin with the states that scan_segments.cu has found.
// Directions that share positions write maps of their own, `slice` elements apart, to be added afterwards.
#include "scan.cuh"

template <int N>
static __device__ __forceinline__ void scanForward(
    const ScanSizes& s, const ScanInputs& in, const float* starts, int segmentSteps, size_t slice, float* y,
    float* saved) {
  int blocks = (s.channels + LANES - 1) / LANES;
  int channel = blockIdx.x % blocks * LANES + threadIdx.x;
  int segment = blockIdx.x / blocks;
  int segments = gridDim.x / blocks;
  int direction = blockIdx.y;
  int sample = blockIdx.z;
  if (channel >= s.channels) {
    return;
  }
  int row = direction * s.channels + channel;
  size_t sequence = (size_t)sample * s.directions + direction;
  float skip = in.skip ? __ldg(in.skip + row) : 0.0f;
  float bias = in.bias ? __ldg(in.bias + row) : 0.0f;
  float rates[N];
  loadRates(rates, in.aLog + (size_t)row * s.states, s.states);
  float h[N];
#pragma unroll
  for (int n = 0; n < N; n++) {
    size_t at = ((sequence * segments + segment) * s.states + n) * s.channels + channel;
    h[n] = starts && n < s.states ? starts[at] : 0.0f;
  }
  size_t map = mapRow(s, sample, direction, channel);
  int end = min((segment + 1) * segmentSteps, s.steps);
  for (int t = segment * segmentSteps; t < end; t++) {
    size_t step = sequence * s.steps + t;
    float b[N];
    float c[N];
    loadStates(b, in.b + step * s.states, s.states);
    loadStates(c, in.c + step * s.states, s.states);
    int position = __ldg(in.table + direction * s.steps + t);
    float u = position < 0 ? 0.0f : __ldg(in.u + map + position);
    advance(h, rates, b, stepSize(s, __ldg(in.delta + step * s.channels + channel) + bias), u);
    float sum = skip * u;
#pragma unroll
    for (int n = 0; n < N; n++) {
      sum += c[n] * h[n];
    }
    if (position >= 0) {
      y[direction * slice + map + position] = sum;
    }
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

#define SCAN_FORWARD(N)                                                                                               \
  ENTRY(scan_forward_##N, const ScanSizes s, const ScanInputs in, const float* starts, int segmentSteps,              \
        long long slice, float* y, float* saved) {                                                                    \
    scanForward<N>(s, in, starts, segmentSteps, (size_t)slice, y, saved);                                             \
  }

SCAN_FORWARD(1)
SCAN_FORWARD(2)
SCAN_FORWARD(4)
SCAN_FORWARD(8)
SCAN_FORWARD(16)
