// Gradient of the scan. Grid: (blocks of channels times segments, directions, samples) of one warp.
//
// Steps run backwards. The states before them are computed anew from those that forward saved every CHUNK steps: a
// chunk's states at every STRETCH-th step first, then those of one stretch after the other. Sums over channels (db, dc)
// are reduced over the lanes, 2 N values at once, and written for each block of channels; sums over steps (daLog,
// dskip, dbias) are written for each sample and segment; du for each direction where these share positions. Adding the
// parts is left to sum_slices.cu, in a fixed order.
//
// Shared memory: (STRETCH + CHUNK / STRETCH) * N * 32 floats.
#include "scan.cuh"

struct ScanParts {
  float* du;      // directions' maps `slice` apart
  float* ddelta;  // whole
  float* db;      // (blocks of channels, samples, directions, steps, states)
  float* dc;
  float* daLog;   // (samples, segments, rows, states)
  float* dskip;   // (samples, segments, rows)
  float* dbias;
};

// Sums V values over the lanes; lane l has the sum of value l / (32 / V). A template calls the next one, since a loop
// over halves is not always unrolled and its array would lie in memory.
template <int V, int BIT>
struct ScatterSums {
  template <int SIZE>
  static __device__ __forceinline__ float of(float (&values)[SIZE], int lane) {
    bool upper = (lane & BIT) != 0;
#pragma unroll
    for (int i = 0; i < V / 2; i++) {
      float keep = upper ? values[i + V / 2] : values[i];
      float send = upper ? values[i] : values[i + V / 2];
      values[i] = keep + __shfl_xor_sync(ALL_LANES, send, BIT);
    }
    return ScatterSums<V / 2, BIT / 2>::of(values, lane);
  }
};

template <int BIT>
struct ScatterSums<1, BIT> {
  template <int SIZE>
  static __device__ __forceinline__ float of(float (&values)[SIZE], int) {
    float sum = values[0];
#pragma unroll
    for (int rest = BIT; rest > 0; rest /= 2) {
      sum += __shfl_xor_sync(ALL_LANES, sum, rest);
    }
    return sum;
  }
};

// One channel's values of a step; all 0 for lanes without a channel.
struct ScanStep {
  float dt;
  float slope;
  float u;
  float dy;
};

template <int N, int STRETCH>
struct ScanBack {
  const ScanSizes& s;
  const ScanInputs& in;
  const float* dy;
  int lane;
  int channel;
  bool active;
  int direction;
  size_t sequence;
  size_t map;
  float bias;
  float rates[N];

  __device__ __forceinline__ void load(ScanStep& to, int t) const {
    size_t step = sequence * s.steps + t;
    int position = __ldg(in.table + direction * s.steps + t);
    float argument = active ? __ldg(in.delta + step * s.channels + channel) + bias : 0.0f;
    to.dt = active ? stepSize(s, argument) : 0.0f;
    to.slope = s.softplus ? sigmoid(argument) : 1.0f;
    to.u = active && position >= 0 ? __ldg(in.u + map + position) : 0.0f;
    to.dy = active && position >= 0 ? __ldg(dy + map + position) : 0.0f;
  }

  // h, which is before step t, becomes that after it.
  __device__ __forceinline__ void forward(float (&h)[N], int t) const {
    ScanStep step;
    load(step, t);
    float b[N];
    loadStates(b, in.b + (sequence * s.steps + t) * s.states, s.states);
    advance(h, rates, b, step.dt, step.u);
  }
};

template <int N, int STRETCH>
static __device__ __forceinline__ void scanGradient(
    const ScanSizes& s, const ScanInputs& in, const float* dy, const float* saved, const float* carries,
    int segmentSteps, size_t slice, const ScanParts& out) {
  extern __shared__ float shared[];
  float* before = shared;                       // (STRETCH, N, lanes)
  float* stretches = shared + STRETCH * N * LANES;  // (CHUNK / STRETCH, N, lanes)
  int blocks = (s.channels + LANES - 1) / LANES;
  int block = blockIdx.x % blocks;
  int segment = blockIdx.x / blocks;
  int segments = gridDim.x / blocks;
  int sample = blockIdx.z;
  int lane = threadIdx.x;
  int channel = block * LANES + lane;
  int direction = blockIdx.y;
  bool active = channel < s.channels;
  int row = direction * s.channels + channel;
  size_t sequence = (size_t)sample * s.directions + direction;
  ScanBack<N, STRETCH> scan = {
      s, in, dy, lane, channel, active, direction, sequence, mapRow(s, sample, direction, channel), 0.0f, {}};
  float skip = active && in.skip ? __ldg(in.skip + row) : 0.0f;
  scan.bias = active && in.bias ? __ldg(in.bias + row) : 0.0f;
  float carry[N];
  float dRates[N];
#pragma unroll
  for (int n = 0; n < N; n++) {
    scan.rates[n] = active && n < s.states ? -expf(__ldg(in.aLog + (size_t)row * s.states + n)) * LOG2_E : 0.0f;
    size_t at = ((sequence * segments + segment) * s.states + n) * s.channels + channel;
    carry[n] = active && carries && n < s.states ? carries[at] : 0.0f;
    dRates[n] = 0.0f;
  }
  float dskip = 0.0f;
  float dbias = 0.0f;
  int begin = segment * segmentSteps;
  int end = min(begin + segmentSteps, s.steps);
  for (int from = begin + (end - begin - 1) / CHUNK * CHUNK; from >= begin; from -= CHUNK) {
    int to = min(from + CHUNK, end);
    float h[N];
#pragma unroll
    for (int n = 0; n < N; n++) {
      size_t at = ((sequence * s.savedStates + from / CHUNK - 1) * s.states + n) * s.channels + channel;
      h[n] = active && from > 0 && n < s.states ? __ldg(saved + at) : 0.0f;
    }
    int last = (to - from - 1) / STRETCH;
    for (int i = 0; i <= last; i++) {
#pragma unroll
      for (int n = 0; n < N; n++) {
        stretches[(i * N + n) * LANES + lane] = h[n];
      }
      for (int t = from + i * STRETCH; i < last && t < from + (i + 1) * STRETCH; t++) {
        scan.forward(h, t);
      }
    }
    for (int i = last; i >= 0; i--) {
      int first = from + i * STRETCH;
      int stop = min(first + STRETCH, to);
#pragma unroll
      for (int n = 0; n < N; n++) {
        h[n] = stretches[(i * N + n) * LANES + lane];
      }
      for (int t = first; t < stop; t++) {
#pragma unroll
        for (int n = 0; n < N; n++) {
          before[((t - first) * N + n) * LANES + lane] = h[n];
        }
        if (t + 1 < stop) {
          scan.forward(h, t);
        }
      }
      for (int t = stop - 1; t >= first; t--) {
        size_t step = sequence * s.steps + t;
        ScanStep now;
        scan.load(now, t);
        float b[N];
        float c[N];
        loadStates(b, in.b + step * s.states, s.states);
        loadStates(c, in.c + step * s.states, s.states);
        float sums[2 * N];
        float gb = 0.0f;
        float ddt = 0.0f;
        float input = now.dt * now.u;
#pragma unroll
        for (int n = 0; n < N; n++) {
          float previous = before[((t - first) * N + n) * LANES + lane];
          float decay = exp2f(now.dt * scan.rates[n]);
          float gradient = now.dy * c[n] + carry[n];
          carry[n] = gradient * decay;
          float rate = carry[n] * previous;
          sums[n] = gradient * input;
          sums[N + n] = now.dy * (decay * previous + b[n] * input);
          dRates[n] += rate * now.dt;
          gb += gradient * b[n];
          ddt += rate * scan.rates[n];
        }
        ddt = ddt * LN_2 + gb * now.u;
        float argument = ddt * now.slope;
        dbias += argument;
        dskip += now.dy * now.u;
        int position = __ldg(in.table + direction * s.steps + t);
        if (active) {
          out.ddelta[step * s.channels + channel] = argument;
          if (position >= 0) {
            out.du[direction * slice + scan.map + position] = now.dt * gb + skip * now.dy;
          }
        }
        float sum = ScatterSums<2 * N, LANES / 2>::of(sums, lane);
        const int share = LANES / (2 * N);
        int value = lane / share;
        int n = value % N;
        if (lane % share == 0 && n < s.states) {
          size_t all = (size_t)gridDim.z * s.directions * s.steps * s.states;
          (value < N ? out.db : out.dc)[block * all + step * s.states + n] = sum;
        }
      }
    }
  }
  if (active) {
    size_t part = ((size_t)sample * segments + segment) * s.directions * s.channels + row;
    if (out.dskip) {
      out.dskip[part] = dskip;
    }
    if (out.dbias) {
      out.dbias[part] = dbias;
    }
#pragma unroll
    for (int n = 0; n < N; n++) {
      if (n < s.states) {
        out.daLog[part * s.states + n] = dRates[n] * scan.rates[n] * LN_2;
      }
    }
  }
}

#define SCAN_GRADIENT(N, STRETCH)                                                                                     \
  ENTRY(scan_gradient_##N, const ScanSizes s, const ScanInputs in, const float* dy, const float* saved,               \
        const float* carries, int segmentSteps, long long slice, const ScanParts out) {                               \
    scanGradient<N, STRETCH>(s, in, dy, saved, carries, segmentSteps, (size_t)slice, out);                            \
  }

SCAN_GRADIENT(1, 32)
SCAN_GRADIENT(2, 32)
SCAN_GRADIENT(4, 32)
SCAN_GRADIENT(8, 16)
SCAN_GRADIENT(16, 8)
