// Selective scan: what its kernels share. A warp scans 32 channels of one direction of one sample; steps are sequential
// and states are in registers. N is the number of states, rounded up to a power of two.
//
// A lane that asked for one step's operands after the other would wait for memory at each. Warps therefore bring tiles of
// some steps into shared memory first, all loads of a tile at once. What steps read of a map is brought in windows of many
// more steps, in the order of its positions: a scan down the columns takes four bytes of a sector at each step, and those
// beside them only when it comes to the next columns, by when the caches have forgotten them.
#pragma once

#include "storage.cuh"

#define CHUNK 32

struct ScanSizes {
  int directions;
  int channels;
  int mapChannels;
  // Added to a channel's number for each direction: the channels when directions have channels of their own, else 0.
  int ownChannels;
  int steps;
  int positions;
  int states;
  int savedStates;
  // 1: steps are softplus(delta + bias); 0: delta + bias.
  int softplus;
};

// What is scanned; skip and bias may be null. `table` has the position that each step of each direction reads, -1 for
// padding; `places` the steps of each of its windows with their positions, by these.
struct ScanInputs {
  const Stored* u;
  const Stored* delta;
  const Stored* b;
  const Stored* c;
  const float* aLog;
  const float* skip;
  const float* bias;
  const int* table;
  const int2* places;
};

// 2^x within two units in the last place, and 0 where that is below 2^-126: one instruction.
static __device__ __forceinline__ float power2(float x) {
#ifdef __CUDA_ARCH__
  float power;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(power) : "f"(x));
  return power;
#else
  return exp2f(x);
#endif
}

// e^-x of x >= 0 within three units in the last place: the error of x log2(e) is put right, which for a large x is many.
static __device__ __forceinline__ float negativeExponential(float x) {
  float exponent = -x * LOG2_E;
  float error = fmaf(-x, LOG2_E, -exponent) - x * LOG2_E_REST;
  float power = power2(exponent);
  return power + power * (error * LN_2);
}

// a / b of b that is neither tiny nor huge, within two units in the last place.
static __device__ __forceinline__ float quotient(float a, float b) {
#ifdef __CUDA_ARCH__
  return __fdividef(a, b);
#else
  return a / b;
#endif
}

// ln(1 + e) of 0 <= e <= 1, to 1.4e-7 of itself: a polynomial, since exponentials keep the unit of functions busy.
static __device__ __forceinline__ float logOnePlus(float e) {
  float p = -0.003176057f;
  p = p * e + 0.019542526f;
  p = p * e - 0.05637361f;
  p = p * e + 0.105436236f;
  p = p * e - 0.15269667f;
  p = p * e + 0.19663274f;
  p = p * e - 0.24951616f;
  p = p * e + 0.3332971f;
  p = p * e - 0.49999893f;
  p = p * e + 1.0f;
  return p * e;
}

// ln(1 + e^x), a step's size.
static __device__ __forceinline__ float softplus(float x) {
  return fmaxf(x, 0.0f) + logOnePlus(negativeExponential(fabsf(x)));
}

// A step's size, and its derivative.
static __device__ __forceinline__ float stepSize(const ScanSizes& s, float x, float& slope) {
  if (!s.softplus) {
    slope = 1.0f;
    return x;
  }
  float e = negativeExponential(fabsf(x));
  slope = quotient(x < 0.0f ? e : 1.0f, 1.0f + e);
  return fmaxf(x, 0.0f) + logOnePlus(e);
}

// P values that are contiguous and aligned by their number, up to four.
template <int P>
static __device__ __forceinline__ void loadShared(float (&to)[P], const float* from) {
  if (P % 4 == 0) {
#pragma unroll
    for (int i = 0; i < P / 4; i++) {
      float4 four = ((const float4*)from)[i];
      to[4 * i] = four.x;
      to[4 * i + 1] = four.y;
      to[4 * i + 2] = four.z;
      to[4 * i + 3] = four.w;
    }
  } else if (P % 2 == 0) {
#pragma unroll
    for (int i = 0; i < P / 2; i++) {
      float2 two = ((const float2*)from)[i];
      to[2 * i] = two.x;
      to[2 * i + 1] = two.y;
    }
  } else {
#pragma unroll
    for (int i = 0; i < P; i++) {
      to[i] = from[i];
    }
  }
}

// A[n] log2(e): decays are powers of two, which the hardware has.
static __device__ __forceinline__ float rateOf(float aLog) { return -expf(aLog) * LOG2_E; }

// Where a warp's 32 channels of one direction of one sample are.
struct ScanWarp {
  int lane;
  int direction;
  int first;          // channel of lane 0
  int count;          // channels from there, at most 32; none or fewer: a warp without work that takes part in barriers
  size_t sequence;    // sample and direction
  size_t map;         // element of the first channel in maps

  __device__ __forceinline__ bool active() const { return lane < count; }

  // The row of the lane's channel in A and what else each channel has one of.
  __device__ __forceinline__ int row(const ScanSizes& s) const { return direction * s.channels + first + lane; }
};

static __device__ __forceinline__ ScanWarp scanWarp(const ScanSizes& s, int block, int direction, int sample) {
  ScanWarp w;
  w.lane = threadIdx.x % LANES;
  w.direction = direction;
  w.first = block * LANES;
  w.count = min(LANES, s.channels - w.first);
  w.sequence = (size_t)sample * s.directions + direction;
  w.map = ((size_t)sample * s.mapChannels + direction * s.ownChannels + w.first) * s.positions;
  return w;
}

// The steps' sizes (before softplus), and what belongs to each step and state, of STEPS steps of a warp: in registers on
// their way from device memory to shared.
template <int N, int STEPS>
struct StepTile {
  static const int SHARE = (STEPS * N + LANES - 1) / LANES;
  float delta[STEPS];
  float b[SHARE];
  float c[SHARE];

  // Steps t ... t + count - 1.
  __device__ __forceinline__ void fetch(const ScanSizes& s, const ScanInputs& in, const ScanWarp& w, int t, int count) {
    size_t step = w.sequence * s.steps + t;
    int there = w.active() ? count : 0;
    const Stored* from = in.delta + step * s.channels + w.first + w.lane;
#pragma unroll
    for (int i = 0; i < STEPS; i++) {
      delta[i] = i < there ? readStored(from + i * s.channels) : 0.0f;
    }
    const Stored* bs = in.b + step * s.states;
    const Stored* cs = in.c + step * s.states;
#pragma unroll
    for (int j = 0; j < SHARE; j++) {
      int element = j * LANES + w.lane;
      int i = element / N;
      int n = element % N;
      bool inside = i < min(count, STEPS) && n < s.states;
      b[j] = inside ? readStored(bs + i * s.states + n) : 0.0f;
      c[j] = inside ? readStored(cs + i * s.states + n) : 0.0f;
    }
  }

  // A row for each step: N of b, N of c.
  __device__ __forceinline__ void putStates(float* rows, int lane) const {
#pragma unroll
    for (int j = 0; j < SHARE; j++) {
      int element = j * LANES + lane;
      int i = element / N;
      if (i < STEPS) {
        rows[i * 2 * N + element % N] = b[j];
        rows[i * 2 * N + N + element % N] = c[j];
      }
    }
  }
};

// Steps of a window at most, in groups of a step for each lane.
#define WINDOW_GROUPS 4

// Where a window's values are: the lane's steps, by their positions, and these; -1 for padding and behind the window.
struct Places {
  int steps[WINDOW_GROUPS];
  int positions[WINDOW_GROUPS];

  __device__ __forceinline__ void fetch(const ScanSizes& s, const ScanInputs& in, const ScanWarp& w, int t, int count) {
#pragma unroll
    for (int j = 0; j < WINDOW_GROUPS; j++) {
      int at = j * LANES + w.lane;
      int2 place = make_int2(-1, -1);
      if (at < count) {
        place = __ldg(in.places + w.direction * s.steps + t + at);
      }
      steps[j] = place.x - t;
      positions[j] = place.y;
    }
  }
};

// Brings `count` steps from t on, a window, of CHANNELS of a warp's channels from `first` on into shared memory: a row of
// `stride` floats for each channel; 0 for padding.
template <int CHANNELS>
static __device__ __forceinline__ void loadWindow(
    const Stored* map, const ScanSizes& s, const ScanInputs& in, const ScanWarp& w, int t, int count, int first,
    float* rows, int stride) {
  Places places;
  places.fetch(s, in, w, t, count);
  const int BATCH = CHANNELS < 16 ? CHANNELS : 16;
#pragma unroll 1
  for (int channel = first; channel < first + CHANNELS; channel += BATCH) {
    const Stored* start = map + w.map + (size_t)channel * s.positions;
#pragma unroll
    for (int j = 0; j < WINDOW_GROUPS; j++) {
      if (places.steps[j] >= 0) {
        int there = places.positions[j] < 0 ? 0 : w.count - channel;
        float values[BATCH];
#pragma unroll
        for (int i = 0; i < BATCH; i++) {
          values[i] = i < there ? readStored(start + i * s.positions + places.positions[j]) : 0.0f;
        }
#pragma unroll
        for (int i = 0; i < BATCH; i++) {
          rows[(channel + i) * stride + places.steps[j]] = values[i];
        }
      }
    }
  }
}

// The other way.
template <int CHANNELS, class T>
static __device__ __forceinline__ void storeWindow(
    T* map, const ScanSizes& s, const ScanInputs& in, const ScanWarp& w, int t, int count, int first,
    const float* rows, int stride) {
  Places places;
  places.fetch(s, in, w, t, count);
  T* start = map + w.map + (size_t)first * s.positions;
#pragma unroll
  for (int j = 0; j < WINDOW_GROUPS; j++) {
    int there = places.positions[j] < 0 ? 0 : w.count - first;
#pragma unroll 8
    for (int i = 0; i < CHANNELS; i++) {
      if (i < there) {
        writeStored(&start[i * s.positions + places.positions[j]], rows[(first + i) * stride + places.steps[j]]);
      }
    }
  }
}
