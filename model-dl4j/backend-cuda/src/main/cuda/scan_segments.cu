// Long directions cut into segments, for batches too small to fill the device: what each segment adds to the states
// that it gets, for all at once; then, one after the other, the states that each gets. In the gradient, where steps run
// backwards, "states" are the derivatives that a segment hands on to the one before.
//
// Grid of scan_segment_*: (blocks of channels times segments, directions, samples) of one warp.
#include "scan_step.cuh"

// Ends: `end`, the states after the segment if they were 0 before, and `total`, the sum of its steps' sizes.
// Carries: the same for the derivatives, of the map of gradients `in.u` (dy).
//
// Shared memory: as scan_forward.cu's.
template <int N, bool BACKWARD>
static __device__ __forceinline__ void scanSegment(
    const ScanSizes& s, const ScanInputs& in, int segmentSteps, int window, float* ends, float* totals) {
  extern __shared__ __align__(16) float shared[];
  int stride = window | 1;
  float* tile = shared;
  float* map = shared + TILE_FLOATS(N);
  int blocks = (s.channels + LANES - 1) / LANES;
  int segment = blockIdx.x / blocks;
  int segments = gridDim.x / blocks;
  ScanWarp w = scanWarp(s, blockIdx.x % blocks, blockIdx.y, blockIdx.z);
  ScanLane<N> scan;
  scan.begin(s, in, w);
  float total = 0.0f;
  int begin = segment * segmentSteps;
  int end = min(begin + segmentSteps, s.steps);
  int tiles = (end - begin + TILE - 1) / TILE;
  int loaded = -1;
  for (int k = 0; k < tiles; k++) {
    int t = begin + (BACKWARD ? tiles - 1 - k : k) * TILE;
    int count = min(TILE, end - t);
    int first = begin + (t - begin) / window * window;
    StepTile<N, TILE> steps;
    steps.fetch(s, in, w, t, count);
    __syncwarp();
    if (first != loaded) {
      loadWindow<LANES>(in.u, s, in, w, first, min(window, end - first), 0, map, stride);
      loaded = first;
    }
    scan.put(s, steps, count, tile, w.lane);
    __syncwarp();
#pragma unroll 1
    for (int j = 0; j < count; j++) {
      int i = BACKWARD ? count - 1 - j : j;
      float dt = tile[i * LANES + w.lane];
      float value = map[w.lane * stride + t - first + i];
      float states[N];
      loadShared(states, tile + TILE * LANES + i * 2 * N + (BACKWARD ? N : 0));
      total += dt;
#pragma unroll
      for (int n = 0; n < N; n++) {
        float decay = power2(dt * scan.rates[n]);
        if (BACKWARD) {
          scan.h[n] = decay * (scan.h[n] + states[n] * value);
        } else {
          scan.h[n] = decay * scan.h[n] + dt * value * states[n];
        }
      }
    }
  }
  if (w.active()) {
    size_t at = w.sequence * segments + segment;
    totals[at * s.channels + w.first + w.lane] = total;
#pragma unroll
    for (int n = 0; n < N; n++) {
      if (n < s.states) {
        ends[(at * s.states + n) * s.channels + w.first + w.lane] = scan.h[n];
      }
    }
  }
}

// Replaces each segment's ends by what it starts from. A thread for each channel, state, direction and sample; with
// `backward`, from the last segment to the first.
STORED_ENTRY(scan_segment_starts, const ScanSizes s, const float* aLog, int sequences, int segments, int backward,
             const float* totals, float* ends) {
  int index = globalIndex();
  if (index >= sequences * s.states * s.channels) {
    return;
  }
  int channel = index % s.channels;
  int n = index / s.channels % s.states;
  int sequence = index / s.channels / s.states;
  int row = sequence % s.directions * s.channels + channel;
  float rate = rateOf(__ldg(aLog + (size_t)row * s.states + n));
  float h = 0.0f;
  for (int i = 0; i < segments; i++) {
    size_t segment = (size_t)sequence * segments + (backward ? segments - 1 - i : i);
    size_t at = (segment * s.states + n) * s.channels + channel;
    float end = ends[at];
    ends[at] = h;
    h = power2(rate * totals[segment * s.channels + channel]) * h + end;
  }
}

#define SCAN_SEGMENTS(N)                                                                                              \
  STORED_ENTRY(scan_segment_ends_##N, const ScanSizes s, const ScanInputs in, int segmentSteps, int window,           \
               float* ends, float* totals) {                                                                          \
    scanSegment<N, false>(s, in, segmentSteps, window, ends, totals);                                                 \
  }                                                                                                                   \
  STORED_ENTRY(scan_segment_carries_##N, const ScanSizes s, const ScanInputs in, int segmentSteps, int window,        \
               float* ends, float* totals) {                                                                          \
    scanSegment<N, true>(s, in, segmentSteps, window, ends, totals);                                                  \
  }

SCAN_SEGMENTS(1)
SCAN_SEGMENTS(2)
SCAN_SEGMENTS(4)
SCAN_SEGMENTS(8)
SCAN_SEGMENTS(16)
