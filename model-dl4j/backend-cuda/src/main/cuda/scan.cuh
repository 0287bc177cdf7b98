// Selective scan: what its kernels share. A lane is a channel, a warp one direction of one sample; steps are sequential
// and states are in registers. N is the number of states, rounded up to a power of two.
#pragma once

#include "elapid.cuh"

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
// padding.
struct ScanInputs {
  const float* u;
  const float* delta;
  const float* b;
  const float* c;
  const float* aLog;
  const float* skip;
  const float* bias;
  const int* table;
};

// ln(1 + e^x), and x above 20.
static __device__ __forceinline__ float softplus(float x) { return x > 20.0f ? x : log1pf(expf(x)); }

static __device__ __forceinline__ float stepSize(const ScanSizes& s, float argument) {
  return s.softplus ? softplus(argument) : argument;
}

// The states' values of one step, 0 beyond them.
template <int N>
static __device__ __forceinline__ void loadStates(float (&to)[N], const float* from, int states) {
  if (N % 4 == 0 && states == N) {
    const float4* wide = (const float4*)from;
#pragma unroll
    for (int i = 0; i < N / 4; i++) {
      float4 four = __ldg(wide + i);
      to[4 * i] = four.x;
      to[4 * i + 1] = four.y;
      to[4 * i + 2] = four.z;
      to[4 * i + 3] = four.w;
    }
  } else {
#pragma unroll
    for (int n = 0; n < N; n++) {
      to[n] = n < states ? __ldg(from + n) : 0.0f;
    }
  }
}

// A[n] log2(e): decays are powers of two, which the hardware has.
template <int N>
static __device__ __forceinline__ void loadRates(float (&rates)[N], const float* aLog, int states) {
#pragma unroll
  for (int n = 0; n < N; n++) {
    rates[n] = n < states ? -expf(__ldg(aLog + n)) * LOG2_E : 0.0f;
  }
}

// h = exp(dt A) h + dt u b.
template <int N>
static __device__ __forceinline__ void advance(
    float (&h)[N], const float (&rates)[N], const float (&b)[N], float dt, float u) {
  float input = dt * u;
#pragma unroll
  for (int n = 0; n < N; n++) {
    h[n] = exp2f(dt * rates[n]) * h[n] + b[n] * input;
  }
}

// The channel's row in a map.
static __device__ __forceinline__ size_t mapRow(const ScanSizes& s, int sample, int direction, int channel) {
  return ((size_t)sample * s.mapChannels + direction * s.ownChannels + channel) * s.positions;
}
