// y = (1 - s) x + s f with s = sigmoid(alpha) of the channel.
#include "channels.cuh"

// y may lie where x or f does.
ENTRY(gated_residual_forward, const Maps maps, const float* x, const float* f, const float* alpha, float* y) {
  int i = globalIndex();
  if (i < maps.batch * maps.channels * maps.length) {
    float s = sigmoid(__ldg(alpha + i / maps.length % maps.channels));
    y[i] = (1.0f - s) * x[i] + s * f[i];
  }
}

// Either result may lie where dy does, which is read before and not by way of the read-only cache.
ENTRY(gated_residual_gradient, const Maps maps, const float* dy, const float* alpha, float* dx, float* df) {
  int i = globalIndex();
  if (i < maps.batch * maps.channels * maps.length) {
    float s = sigmoid(__ldg(alpha + i / maps.length % maps.channels));
    float g = dy[i];
    dx[i] = (1.0f - s) * g;
    df[i] = s * g;
  }
}

// Of each share of a channel's values: sum of dy (f - x), (shares, C). Grid (C, shares).
ENTRY(gated_residual_sums, const Maps maps, const float* dy, const float* x, const float* f, float* sums) {
  SHARED float room[32];
  int channel = blockIdx.x;
  Share mine = share(maps);
  float sum = 0.0f;
  for (int v = mine.begin + (int)threadIdx.x; v < mine.end; v += blockDim.x) {
    size_t i = place(maps, channel, v);
    sum += __ldg(dy + i) * (__ldg(f + i) - __ldg(x + i));
  }
  sum = blockSum(sum, room);
  if (threadIdx.x == 0) {
    sums[blockIdx.y * maps.channels + channel] = sum;
  }
}

// dalpha: (rows, C), 0 outside of `row`. A thread for each element.
ENTRY(gated_residual_finish, int rows, int channels, int row, int shares, const float* alpha, const float* sums,
      float* dalpha) {
  int i = globalIndex();
  if (i >= rows * channels) {
    return;
  }
  float result = 0.0f;
  if (i / channels == row) {
    float sum = 0.0f;
    for (int k = 0; k < shares; k++) {
      sum += sums[k * channels + i % channels];
    }
    float s = sigmoid(__ldg(alpha + i));
    result = s * (1.0f - s) * sum;
  }
  dalpha[i] = result;
}
