// Gradient of the scan. Grid: (groups of blocks of 32 channels times segments, directions, samples); a block has a warp
// for each block of channels of its group.
//
// Steps run backwards, in tiles of STEPS. The states before them are computed anew from those that forward saved every
// CHUNK steps: a chunk's states at the start of every tile first, then those of one tile after the other.
//
// Sums over channels (db, dc) cost most of what lanes exchange. Therefore PARTS lanes share PARTS channels, and each has
// N / PARTS states of all of them: it adds up over its channels by itself, and then over a PARTS-th of the warp's lanes.
// What a channel sums over its states (du, ddelta) goes to the lane that has the channel's number.
//
// Sums over the block's warps are written for each group of channels; sums over steps (daLog, dskip, dbias) for each
// sample and segment. Adding the parts is left to sum_slices.cu, in a fixed order. `in.u`, dy and du are in the order of
// steps, see scan_sequences.cu.
#include "scan.cuh"

struct ScanParts {
  float* du;       // whole, in the order of steps
  Stored* ddelta;  // whole
  void* db;        // (groups of channels, samples, directions, steps, states), of floats where there are several groups
  void* dc;
  float* daLog;    // (samples, segments, rows, states)
  float* dskip;    // (samples, segments, rows)
  float* dbias;
};

// Sums V values over the lanes whose numbers differ in the bits from LAST to BIT; each lane has the sum of the value that
// those of its bits name, the highest first. A template calls the next one, since a loop over halves is not always
// unrolled and its array would lie in memory.
template <int V, int BIT, int LAST>
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
    return ScatterSums<V / 2, BIT / 2, LAST>::of(values, lane);
  }
};

template <int BIT, int LAST>
struct ScatterSums<1, BIT, LAST> {
  template <int SIZE>
  static __device__ __forceinline__ float of(float (&values)[SIZE], int) {
    float sum = values[0];
#pragma unroll
    for (int rest = BIT; rest >= LAST; rest /= 2) {
      sum += __shfl_xor_sync(ALL_LANES, sum, rest);
    }
    return sum;
  }
};

// A warp's shared memory, in floats.
template <int N, int STEPS>
struct BackRoom {
  static const int BEFORE = STEPS * N * LANES;               // states before each step of a tile
  static const int BOUNDS = (CHUNK / STEPS - 1) * N * LANES;  // states before each tile of a chunk but the first
  static const int ROWS = STEPS * LANES;
  static const int STATES = STEPS * 2 * N;
  static const int ALL = BEFORE + BOUNDS + 4 * ROWS + STATES;
};

template <int N, int PARTS, int STEPS>
struct ScanBack {
  // States of a lane, of PARTS channels.
  static const int P = N / PARTS;
  typedef BackRoom<N, STEPS> Room;

  const ScanSizes& s;
  const ScanInputs& in;
  const Stored* dy;
  ScanWarp w;
  float* before;
  float* bounds;
  float* dt;
  float* u;
  float* gradient;  // of y
  float* slope;     // derivative of dt
  float* states;
  float bias;       // of the lane's channel
  float skip;
  float rates[PARTS][P];  // of the channels that the lane shares
  // What is on its way.
  StepTile<N, STEPS> steps;
  float uRows[STEPS];
  float dyRows[STEPS];

  __device__ __forceinline__ int channel(int part) const { return w.lane / PARTS * PARTS + part; }

  __device__ __forceinline__ int state(int p) const { return w.lane % PARTS * P + p; }

  // Steps t ... t + count - 1; what only backwards needs as well, or not.
  __device__ __forceinline__ void fetch(int t, int count, bool backwards) {
    steps.fetch(s, in, w, t, count);
    size_t at = (w.sequence * s.steps + t) * s.channels + w.first + w.lane;
#pragma unroll
    for (int i = 0; i < STEPS; i++) {
      bool there = w.active() && i < count;
      uRows[i] = there ? readStored(in.u + at + (size_t)i * s.channels) : 0.0f;
      dyRows[i] = there && backwards ? readStored(dy + at + (size_t)i * s.channels) : 0.0f;
    }
  }

  __device__ __forceinline__ void put(bool backwards) const {
    __syncwarp();
#pragma unroll
    for (int i = 0; i < STEPS; i++) {
      float derivative;
      float size = stepSize(s, steps.delta[i] + bias, derivative);
      dt[i * LANES + w.lane] = w.active() ? size : 0.0f;
      u[i * LANES + w.lane] = uRows[i];
      if (backwards) {
        slope[i * LANES + w.lane] = derivative;
        gradient[i * LANES + w.lane] = dyRows[i];
      }
    }
    steps.putStates(states, w.lane);
    __syncwarp();
  }

  // h, which is before step i of the tile, becomes that after it.
  __device__ __forceinline__ void advance(float (&h)[PARTS][P], int i) const {
    float sizes[PARTS];
    float values[PARTS];
    float b[P];
    loadShared(sizes, dt + i * LANES + channel(0));
    loadShared(values, u + i * LANES + channel(0));
    loadShared(b, states + i * 2 * N + state(0));
#pragma unroll
    for (int k = 0; k < PARTS; k++) {
      float input = sizes[k] * values[k];
#pragma unroll
      for (int p = 0; p < P; p++) {
        h[k][p] = power2(sizes[k] * rates[k][p]) * h[k][p] + b[p] * input;
      }
    }
  }

  __device__ __forceinline__ void keep(float* room, int slot, const float (&h)[PARTS][P]) const {
#pragma unroll
    for (int k = 0; k < PARTS; k++) {
#pragma unroll
      for (int p = 0; p < P; p++) {
        room[(slot * N + k * P + p) * LANES + w.lane] = h[k][p];
      }
    }
  }

  __device__ __forceinline__ void recall(const float* room, int slot, float (&h)[PARTS][P]) const {
#pragma unroll
    for (int k = 0; k < PARTS; k++) {
#pragma unroll
      for (int p = 0; p < P; p++) {
        h[k][p] = room[(slot * N + k * P + p) * LANES + w.lane];
      }
    }
  }

  // What lies at (sequence, slot, state, channel) of an array with so many slots; 0 where there is none.
  __device__ __forceinline__ void load(float (&h)[PARTS][P], const float* from, int slots, int slot) const {
#pragma unroll
    for (int k = 0; k < PARTS; k++) {
#pragma unroll
      for (int p = 0; p < P; p++) {
        size_t at = ((w.sequence * slots + slot) * s.states + state(p)) * s.channels + w.first + channel(k);
        bool there = from && slot >= 0 && channel(k) < w.count && state(p) < s.states;
        h[k][p] = there ? __ldg(from + at) : 0.0f;
      }
    }
  }
};

template <int N, int PARTS, int STEPS>
static __device__ __forceinline__ void scanGradient(
    const ScanSizes& s, const ScanInputs& in, const Stored* dy, const float* saved, const float* carries,
    int segmentSteps, const ScanParts& out) {
  typedef BackRoom<N, STEPS> Room;
  const int P = N / PARTS;
  // Whether a tile is on its way while the one before is worked on; sixteen states leave no registers for it.
  const bool AHEAD = N < 16;
  extern __shared__ __align__(16) float shared[];
  int warps = blockDim.x / LANES;
  int warp = threadIdx.x / LANES;
  int blocks = (s.channels + LANES - 1) / LANES;
  int groups = (blocks + warps - 1) / warps;
  int group = blockIdx.x % groups;
  int segment = blockIdx.x / groups;
  int segments = gridDim.x / groups;
  int sample = blockIdx.z;
  float* room = shared + warp * Room::ALL;
  float* sums = shared + warps * Room::ALL;  // two of (warps, STEPS, 2 N), in turns
  float* maps = room + Room::BEFORE + Room::BOUNDS;
  ScanBack<N, PARTS, STEPS> scan = {
      s, in, dy, scanWarp(s, group * warps + warp, blockIdx.y, sample), room, room + Room::BEFORE, maps,
      maps + Room::ROWS, maps + 2 * Room::ROWS, maps + 3 * Room::ROWS, maps + 4 * Room::ROWS, 0.0f, 0.0f, {}, {}, {}, {}};
  const ScanWarp& w = scan.w;
  int row = w.row(s);
  scan.bias = w.active() && in.bias ? __ldg(in.bias + row) : 0.0f;
  scan.skip = w.active() && in.skip ? __ldg(in.skip + row) : 0.0f;
  float carry[PARTS][P];
  float dRates[PARTS][P];
#pragma unroll
  for (int k = 0; k < PARTS; k++) {
#pragma unroll
    for (int p = 0; p < P; p++) {
      bool there = scan.channel(k) < w.count && scan.state(p) < s.states;
      size_t at = (size_t)(w.direction * s.channels + w.first + scan.channel(k)) * s.states + scan.state(p);
      scan.rates[k][p] = there ? rateOf(__ldg(in.aLog + at)) : 0.0f;
      dRates[k][p] = 0.0f;
    }
  }
  scan.load(carry, carries, segments, segment);
  float dskip = 0.0f;
  float dbias = 0.0f;
  int turn = 0;
  int begin = segment * segmentSteps;
  int end = min(begin + segmentSteps, s.steps);
  for (int from = begin + (end - begin - 1) / CHUNK * CHUNK; from >= begin; from -= CHUNK) {
    int to = min(from + CHUNK, end);
    int last = (to - from - 1) / STEPS;
    float h[PARTS][P];
    if (AHEAD) {
      scan.fetch(from, to - from, last == 0);
    }
    scan.load(h, saved, s.savedStates, from / CHUNK - 1);
    // The first tiles forwards, up to the last one; then all of them, backwards.
    for (int visit = -last; visit <= last; visit++) {
      int tile = visit < 0 ? visit + last : last - visit;
      int first = from + tile * STEPS;
      int count = min(STEPS, to - first);
      if (!AHEAD) {
        scan.fetch(first, to - first, visit >= 0);
      }
      scan.put(visit >= 0);
      int next = visit < 0 ? tile + 1 : tile - 1;
      if (AHEAD && visit < last) {
        scan.fetch(from + next * STEPS, to - from - next * STEPS, visit >= -1);
      }
      if (visit < 0) {
#pragma unroll 1
        for (int i = 0; i < STEPS; i++) {
          scan.advance(h, i);
        }
        scan.keep(scan.bounds, tile, h);
        continue;
      }
      if (visit > 0) {
        if (tile > 0) {
          scan.recall(scan.bounds, tile - 1, h);
        } else {
          scan.load(h, saved, s.savedStates, from / CHUNK - 1);
        }
      }
#pragma unroll 1
      for (int i = 0; i < count; i++) {
        scan.keep(scan.before, i, h);
        if (i + 1 < count) {
          scan.advance(h, i);
        }
      }
#pragma unroll 1
      for (int i = count - 1; i >= 0; i--) {
        float dt[PARTS];
        float u[PARTS];
        float gradientOfY[PARTS];
        float b[P];
        float c[P];
        loadShared(dt, scan.dt + i * LANES + scan.channel(0));
        loadShared(u, scan.u + i * LANES + scan.channel(0));
        loadShared(gradientOfY, scan.gradient + i * LANES + scan.channel(0));
        loadShared(b, scan.states + i * 2 * N + scan.state(0));
        loadShared(c, scan.states + i * 2 * N + N + scan.state(0));
        float perState[2 * P];
        float perInput[PARTS];
        float perRate[PARTS];
#pragma unroll
        for (int p = 0; p < 2 * P; p++) {
          perState[p] = 0.0f;
        }
#pragma unroll
        for (int k = 0; k < PARTS; k++) {
          float input = dt[k] * u[k];
          perInput[k] = 0.0f;
          perRate[k] = 0.0f;
#pragma unroll
          for (int p = 0; p < P; p++) {
            float decay = power2(dt[k] * scan.rates[k][p]);
            float decayed = decay * scan.before[(i * N + k * P + p) * LANES + w.lane];
            float gradient = gradientOfY[k] * c[p] + carry[k][p];
            float rate = gradient * decayed;
            carry[k][p] = gradient * decay;
            perState[p] += gradient * input;
            perState[P + p] += gradientOfY[k] * (b[p] * input + decayed);
            dRates[k][p] += rate * dt[k];
            perInput[k] += gradient * b[p];
            perRate[k] += rate * scan.rates[k][p];
          }
        }
        float gb = ScatterSums<PARTS, PARTS / 2, 1>::of(perInput, w.lane);
        float ddt = ScatterSums<PARTS, PARTS / 2, 1>::of(perRate, w.lane);
        int at = i * LANES + w.lane;
        float argument = (ddt * LN_2 + gb * scan.u[at]) * scan.slope[at];
        dbias += argument;
        dskip += scan.gradient[at] * scan.u[at];
        if (w.active()) {
          size_t row = (w.sequence * s.steps + first + i) * s.channels + w.first + w.lane;
          writeStored(&out.ddelta[row], argument);
          out.du[row] = scan.dt[at] * gb + scan.skip * scan.gradient[at];
        }
        float sum = ScatterSums<2 * P, LANES / 2, PARTS>::of(perState, w.lane);
        const int SHARE = LANES / PARTS / (2 * P);
        int value = w.lane / PARTS / SHARE;
        if (w.lane / PARTS % SHARE == 0) {
          sums[((turn * warps + warp) * STEPS + i) * 2 * N + value / P * N + scan.state(value % P)] = sum;
        }
      }
      __syncthreads();
      for (int element = threadIdx.x; element < count * 2 * N; element += blockDim.x) {
        float sum = 0.0f;
        for (int k = 0; k < warps; k++) {
          sum += sums[(turn * warps + k) * STEPS * 2 * N + element];
        }
        int n = element % N;
        if (n < s.states) {
          size_t all = (size_t)gridDim.z * s.directions * s.steps * s.states;
          size_t at = (w.sequence * s.steps + first + element / (2 * N)) * s.states + n;
          void* to = element / N % 2 == 0 ? out.db : out.dc;
          if (isFloat(groups > 1)) {
            ((float*)to)[group * all + at] = sum;
          } else {
            writeStored((Stored*)to + at, sum);
          }
        }
      }
      turn = 1 - turn;
    }
  }
  size_t part = ((size_t)sample * segments + segment) * s.directions * s.channels;
  if (w.active()) {
    if (out.dskip) {
      out.dskip[part + row] = dskip;
    }
    if (out.dbias) {
      out.dbias[part + row] = dbias;
    }
  }
#pragma unroll
  for (int k = 0; k < PARTS; k++) {
#pragma unroll
    for (int p = 0; p < P; p++) {
      if (scan.channel(k) < w.count && scan.state(p) < s.states) {
        size_t at = part + w.direction * s.channels + w.first + scan.channel(k);
        out.daLog[at * s.states + scan.state(p)] = dRates[k][p] * scan.rates[k][p] * LN_2;
      }
    }
  }
}

#define SCAN_GRADIENT(N, PARTS, STEPS)                                                                                \
  STORED_ENTRY(scan_gradient_##N, const ScanSizes s, const ScanInputs in, const Stored* dy, const float* saved,       \
               const float* carries, int segmentSteps, const ScanParts out) {                                         \
    scanGradient<N, PARTS, STEPS>(s, in, dy, saved, carries, segmentSteps, out);                                      \
  }

SCAN_GRADIENT(1, 1, 16)
SCAN_GRADIENT(2, 1, 16)
SCAN_GRADIENT(4, 1, 16)
SCAN_GRADIENT(8, 4, 8)
SCAN_GRADIENT(16, 4, 8)
