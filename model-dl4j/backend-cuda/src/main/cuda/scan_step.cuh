// Selective scan forwards: a lane is a channel and has all of its states.
#pragma once

#include "scan.cuh"

// Steps of a tile.
#define TILE 8

#define GROUP_OF_MANY 2

// Floats of a warp's tile in shared memory: steps' sizes and states' rows.
#define TILE_FLOATS(N) (TILE * (LANES + 2 * (N)))

template <int N>
struct ScanLane {
  // Steps whose operands are read together: few states leave too little to do while one step waits for its own.
  static const int GROUP = N >= 8 ? GROUP_OF_MANY : 4;

  float h[N];
  float rates[N];
  float skip;
  float bias;

  // States are 0; a lane without a channel computes zeros.
  __device__ __forceinline__ void begin(const ScanSizes& s, const ScanInputs& in, const ScanWarp& w) {
    int row = w.row(s);
    skip = w.active() && in.skip ? __ldg(in.skip + row) : 0.0f;
    bias = w.active() && in.bias ? __ldg(in.bias + row) : 0.0f;
#pragma unroll
    for (int n = 0; n < N; n++) {
      rates[n] = w.active() && n < s.states ? rateOf(__ldg(in.aLog + (size_t)row * s.states + n)) : 0.0f;
      h[n] = 0.0f;
    }
  }

  // A tile's rows of `tile`: steps' sizes, then states. Steps behind the last one have size 0 and change no state.
  __device__ __forceinline__ void put(
      const ScanSizes& s, const StepTile<N, TILE>& from, int count, float* tile, int lane) const {
    if (s.softplus) {
#pragma unroll
      for (int i = 0; i < TILE; i++) {
        tile[i * LANES + lane] = i < count ? softplus(from.delta[i] + bias) : 0.0f;
      }
    } else {
#pragma unroll
      for (int i = 0; i < TILE; i++) {
        tile[i * LANES + lane] = i < count ? from.delta[i] + bias : 0.0f;
      }
    }
    from.putStates(tile + TILE * LANES, lane);
  }

  // h = exp(dt A) h + dt u b, and y = c h + D u, of a step of a tile.
  __device__ __forceinline__ float step(const float* tile, int at, int lane, float u) {
    float dt = tile[at * LANES + lane];
    const float* row = tile + TILE * LANES + at * 2 * N;
    float input = dt * u;
    float even = skip * u;
    float odd = 0.0f;
    const int WIDE = N < 4 ? N : 4;
#pragma unroll
    for (int first = 0; first < N; first += WIDE) {
      float b[WIDE];
      float c[WIDE];
      loadShared(b, row + first);
      loadShared(c, row + N + first);
#pragma unroll
      for (int i = 0; i < WIDE; i++) {
        int n = first + i;
        h[n] = power2(dt * rates[n]) * h[n] + b[i] * input;
        if (n % 2 == 0) {
          even += c[i] * h[n];
        } else {
          odd += c[i] * h[n];
        }
      }
    }
    return even + odd;
  }

  // Keeps the states after step `end` - 1 where the gradient will want them.
  __device__ __forceinline__ void save(const ScanSizes& s, const ScanWarp& w, int end, float* saved) const {
    int chunk = (end - 1) / CHUNK;
    if ((end % CHUNK == 0 || end == s.steps) && chunk < s.savedStates && w.active()) {
#pragma unroll
      for (int n = 0; n < N; n++) {
        if (n < s.states) {
          saved[((w.sequence * s.savedStates + chunk) * s.states + n) * s.channels + w.first + w.lane] = h[n];
        }
      }
    }
  }
};
