// What the kernels of batch norms share.
#pragma once

#include "channels.cuh"

struct Normalised {
  float scale;
  float shift;
  float mean;
  float invStd;
};

static __device__ __forceinline__ Normalised normalised(
    int channel, const float* gamma, const float* beta, const float* mean, const float* invStd) {
  Normalised n;
  n.mean = __ldg(mean + channel);
  n.invStd = __ldg(invStd + channel);
  n.scale = __ldg(gamma + channel) * n.invStd;
  n.shift = __ldg(beta + channel) - n.mean * n.scale;
  return n;
}

// Mean of what a function gives for the elements of a channel, and sum of squared distances from it, of each share:
// (shares, C). Grid (C, shares).
template <class Values>
static __device__ __forceinline__ void shareMoments(
    const Maps& maps, const Values& values, float* means, float* squares) {
  SHARED float room[32];
  int channel = blockIdx.x;
  Share mine = share(maps);
  float sum = 0.0f;
  for (int v = mine.begin + (int)threadIdx.x; v < mine.end; v += blockDim.x) {
    sum += values(place(maps, channel, v));
  }
  float mean = blockSum(sum, room) / max(1, mine.end - mine.begin);
  float square = 0.0f;
  for (int v = mine.begin + (int)threadIdx.x; v < mine.end; v += blockDim.x) {
    float d = values(place(maps, channel, v)) - mean;
    square += d * d;
  }
  square = blockSum(square, room);
  if (threadIdx.x == 0) {
    means[blockIdx.y * maps.channels + channel] = mean;
    squares[blockIdx.y * maps.channels + channel] = square;
  }
}
