// Layer norm over channels. A lane has a position; the warps of a block share its channels and add up in their order.
#include "channels.cuh"

#define WARPS 8

// Sum over the block's warps, for each lane; all threads must come here.
static __device__ __forceinline__ float laneSum(float value, float* room) {
  room[threadIdx.x] = value;
  __syncthreads();
  float sum = 0.0f;
#pragma unroll
  for (int w = 0; w < WARPS; w++) {
    sum += room[w * LANES + threadIdx.x % LANES];
  }
  __syncthreads();
  return sum;
}

ENTRY(layer_norm_forward, const Maps maps, float eps, const float* x, const float* weight, const float* bias,
      float* y, float* means, float* invStds) {
  SHARED float room[WARPS * LANES];
  int position = blockIdx.x * LANES + threadIdx.x % LANES;
  int first = threadIdx.x / LANES;
  bool active = position < maps.batch * maps.length;
  size_t start = (size_t)(position / maps.length) * maps.channels * maps.length + position % maps.length;
  float sum = 0.0f;
  for (int c = first; active && c < maps.channels; c += WARPS) {
    sum += __ldg(x + start + (size_t)c * maps.length);
  }
  float mean = laneSum(sum, room) / maps.channels;
  float square = 0.0f;
  for (int c = first; active && c < maps.channels; c += WARPS) {
    float d = __ldg(x + start + (size_t)c * maps.length) - mean;
    square += d * d;
  }
  float invStd = 1.0f / sqrtf(laneSum(square, room) / maps.channels + eps);
  for (int c = first; active && c < maps.channels; c += WARPS) {
    size_t i = start + (size_t)c * maps.length;
    y[i] = (__ldg(x + i) - mean) * invStd * __ldg(weight + c) + __ldg(bias + c);
  }
  if (active && first == 0) {
    means[position] = mean;
    invStds[position] = invStd;
  }
}

ENTRY(layer_norm_gradient, const Maps maps, const float* dy, const float* x, const float* weight, const float* means,
      const float* invStds, float* dx) {
  SHARED float room[WARPS * LANES];
  int position = blockIdx.x * LANES + threadIdx.x % LANES;
  int first = threadIdx.x / LANES;
  bool active = position < maps.batch * maps.length;
  size_t start = (size_t)(position / maps.length) * maps.channels * maps.length + position % maps.length;
  float mean = active ? __ldg(means + position) : 0.0f;
  float invStd = active ? __ldg(invStds + position) : 0.0f;
  float sum = 0.0f;
  float dot = 0.0f;
  for (int c = first; active && c < maps.channels; c += WARPS) {
    size_t i = start + (size_t)c * maps.length;
    float g = __ldg(dy + i) * __ldg(weight + c);
    sum += g;
    dot += g * (__ldg(x + i) - mean) * invStd;
  }
  sum = laneSum(sum, room) / maps.channels;
  dot = laneSum(dot, room) / maps.channels;
  for (int c = first; active && c < maps.channels; c += WARPS) {
    size_t i = start + (size_t)c * maps.length;
    float xhat = (__ldg(x + i) - mean) * invStd;
    dx[i] = invStd * (__ldg(dy + i) * __ldg(weight + c) - sum - xhat * dot);
  }
}

// Of each share of a channel's values: sums of dy xhat and dy, (shares, C). Grid (C, shares).
ENTRY(layer_norm_sums, const Maps maps, const float* dy, const float* x, const float* means, const float* invStds,
      float* dweight, float* dbias) {
  SHARED float room[32];
  int channel = blockIdx.x;
  Share mine = share(maps);
  float sum = 0.0f;
  float dot = 0.0f;
  for (int v = mine.begin + (int)threadIdx.x; v < mine.end; v += blockDim.x) {
    size_t i = place(maps, channel, v);
    sum += __ldg(dy + i);
    dot += __ldg(dy + i) * (__ldg(x + i) - __ldg(means + v)) * __ldg(invStds + v);
  }
  sum = blockSum(sum, room);
  dot = blockSum(dot, room);
  if (threadIdx.x == 0) {
    dbias[blockIdx.y * maps.channels + channel] = sum;
    dweight[blockIdx.y * maps.channels + channel] = dot;
  }
}
