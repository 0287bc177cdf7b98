// y = x (offset + scale[c]) + bias[c] + residual. Results may lie where maps do, which are therefore not read by way of
// the read-only cache in kernels that write one.
#include "channels.cuh"

// Bias and residual may be null.
ENTRY(channel_affine_forward, const Maps maps, float offset, const float* x, const float* scale, const float* bias,
      const float* residual, float* y) {
  int i = globalIndex();
  if (i < maps.batch * maps.channels * maps.length) {
    int channel = i / maps.length % maps.channels;
    // rounded once on every compiler: moments of few values make both terms large
    float value = fmaf(x[i], offset + __ldg(scale + channel), bias != nullptr ? __ldg(bias + channel) : 0.0f);
    if (residual != nullptr) {
      value += residual[i];
    }
    y[i] = value;
  }
}

// Of each share: sums of dy x and of dy, (shares, C). Grid (C, shares).
ENTRY(channel_affine_sums, const Maps maps, const float* dy, const float* x, float* dscale, float* dbias) {
  SHARED float room[32];
  int channel = blockIdx.x;
  Share mine = share(maps);
  float dot = 0.0f;
  float sum = 0.0f;
  for (int v = mine.begin + (int)threadIdx.x; v < mine.end; v += blockDim.x) {
    size_t i = place(maps, channel, v);
    float g = __ldg(dy + i);
    dot += g * __ldg(x + i);
    sum += g;
  }
  dot = blockSum(dot, room);
  sum = blockSum(sum, room);
  if (threadIdx.x == 0) {
    dscale[blockIdx.y * maps.channels + channel] = dot;
    dbias[blockIdx.y * maps.channels + channel] = sum;
  }
}

ENTRY(channel_affine_gradient, const Maps maps, float offset, const float* dy, const float* scale, float* dx) {
  int i = globalIndex();
  if (i < maps.batch * maps.channels * maps.length) {
    dx[i] = dy[i] * (offset + __ldg(scale + i / maps.length % maps.channels));
  }
}
