// Scan projections: what their kernels share.
//
// Tokens are the steps of one direction in all samples, B L of them. They are taken in the order of their positions, so
// that neighbours on the map are read at once; what belongs to a step is found by its number.
#pragma once

#include "products.cuh"

struct ProjectionSizes {
  int batch;
  int directions;
  int channels;
  int mapChannels;
  // Added to a channel's number for each direction: the channels when directions have channels of their own, else 0.
  int ownChannels;
  int steps;
  int positions;
  int rank;
  int states;

  // Of one direction's projection.
  __device__ __forceinline__ int rows() const { return rank + 2 * states; }

  __device__ __forceinline__ int tokens() const { return batch * steps; }
};

// Of each token of a tile: the number of its step among all of them, and where its position is in the first of its
// channels. Below 0 where there is none.
struct Tokens {
  int* steps;
  int* places;
};

static __device__ __forceinline__ Tokens tokens(const Tiles& t) {
  Tokens of = {t.rest, t.rest + COLUMNS};
  return of;
}

// Looks `count` tokens up, at most as many as there are columns; `table` has step and position of each direction's
// tokens in one sample.
static __device__ __forceinline__ void findTokens(
    const ProjectionSizes& s, const int2* table, int direction, int first, int end, int count, const Tokens& to) {
  int i = threadIdx.x;
  if (i < count) {
    int token = first + i;
    int step = -1;
    int place = -1;
    if (token < end) {
      int sample = token / s.steps;
      int2 found = __ldg(table + direction * s.steps + token % s.steps);
      step = (sample * s.directions + direction) * s.steps + found.x;
      if (found.y >= 0) {
        place = (sample * s.mapChannels + direction * s.ownChannels) * s.positions + found.y;
      }
    }
    to.steps[i] = step;
    to.places[i] = place;
  }
}
