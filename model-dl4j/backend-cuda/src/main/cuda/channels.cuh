// Maps (B, C, L) channel by channel: a channel's B L values are numbered through, and cut into shares for the blocks of
// a grid (channels, shares).
#pragma once

#include "elapid.cuh"

struct Maps {
  int batch;
  int channels;
  int length;
};

struct Share {
  int begin;
  int end;
};

static __device__ __forceinline__ Share share(const Maps& maps) {
  long long values = (long long)maps.batch * maps.length;
  Share mine = {(int)(values * blockIdx.y / gridDim.y), (int)(values * (blockIdx.y + 1) / gridDim.y)};
  return mine;
}

// Where a value of a channel lies.
static __device__ __forceinline__ size_t place(const Maps& maps, int channel, int value) {
  return ((size_t)(value / maps.length) * maps.channels + channel) * maps.length + value % maps.length;
}
