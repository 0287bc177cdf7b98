// Long directions cut into segments, for batches too small to fill the device: what each segment adds to the states
// that it gets, for all at once; then, one after the other, the states that each gets. In the gradient, where steps run
// backwards, "states" are the derivatives that a segment hands on to the one before.
//
// Grid of scan_segment_*: (blocks of channels times segments, directions, samples) of one warp.
#include "scan.cuh"

// Ends: `end`, the states after the segment if they were 0 before, and `total`, the sum of its steps' sizes.
// Carries: the same for the derivatives, of the map of gradients `in.u` (dy).
template <int N, bool BACKWARD>
static __device__ __forceinline__ void scanSegment(
    const ScanSizes& s, const ScanInputs& in, int segmentSteps, float* ends, float* totals) {
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
  float bias = in.bias ? __ldg(in.bias + row) : 0.0f;
  float rates[N];
  loadRates(rates, in.aLog + (size_t)row * s.states, s.states);
  float h[N];
#pragma unroll
  for (int n = 0; n < N; n++) {
    h[n] = 0.0f;
  }
  float total = 0.0f;
  size_t map = mapRow(s, sample, direction, channel);
  int begin = segment * segmentSteps;
  int count = min(segmentSteps, s.steps - begin);
  for (int i = 0; i < count; i++) {
    int t = begin + (BACKWARD ? count - 1 - i : i);
    size_t step = sequence * s.steps + t;
    float values[N];
    loadStates(values, (BACKWARD ? in.c : in.b) + step * s.states, s.states);
    int position = __ldg(in.table + direction * s.steps + t);
    float u = position < 0 ? 0.0f : __ldg(in.u + map + position);
    float dt = stepSize(s, __ldg(in.delta + step * s.channels + channel) + bias);
    total += dt;
    if (BACKWARD) {
#pragma unroll
      for (int n = 0; n < N; n++) {
        h[n] = exp2f(dt * rates[n]) * (h[n] + values[n] * u);
      }
    } else {
      advance(h, rates, values, dt, u);
    }
  }
  totals[(sequence * segments + segment) * s.channels + channel] = total;
#pragma unroll
  for (int n = 0; n < N; n++) {
    if (n < s.states) {
      ends[((sequence * segments + segment) * s.states + n) * s.channels + channel] = h[n];
    }
  }
}

// Replaces each segment's ends by what it starts from. A thread for each channel, state, direction and sample; with
// `backward`, from the last segment to the first.
ENTRY(scan_segment_starts, const ScanSizes s, const float* aLog, int sequences, int segments, int backward,
      const float* totals, float* ends) {
  int index = globalIndex();
  if (index >= sequences * s.states * s.channels) {
    return;
  }
  int channel = index % s.channels;
  int n = index / s.channels % s.states;
  int sequence = index / s.channels / s.states;
  int row = sequence % s.directions * s.channels + channel;
  float rate = -expf(__ldg(aLog + (size_t)row * s.states + n)) * LOG2_E;
  float h = 0.0f;
  for (int i = 0; i < segments; i++) {
    size_t segment = (size_t)sequence * segments + (backward ? segments - 1 - i : i);
    size_t at = (segment * s.states + n) * s.channels + channel;
    float end = ends[at];
    ends[at] = h;
    h = exp2f(rate * totals[segment * s.channels + channel]) * h + end;
  }
}

#define SCAN_SEGMENTS(N)                                                                                              \
  ENTRY(scan_segment_ends_##N, const ScanSizes s, const ScanInputs in, int segmentSteps, float* ends,                 \
        float* totals) {                                                                                              \
    scanSegment<N, false>(s, in, segmentSteps, ends, totals);                                                         \
  }                                                                                                                   \
  ENTRY(scan_segment_carries_##N, const ScanSizes s, const ScanInputs in, int segmentSteps, float* ends,              \
        float* totals) {                                                                                              \
    scanSegment<N, true>(s, in, segmentSteps, ends, totals);                                                          \
  }

SCAN_SEGMENTS(1)
SCAN_SEGMENTS(2)
SCAN_SEGMENTS(4)
SCAN_SEGMENTS(8)
SCAN_SEGMENTS(16)
