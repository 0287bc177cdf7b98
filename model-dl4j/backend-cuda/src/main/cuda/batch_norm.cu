// Batch norm with an activation behind it; formulas in BatchNormKernel. Statistics and sums of a channel are taken by
// several blocks and put together in a fixed order.
#include "activation.cuh"
#include "norms.cuh"

struct Plain {
  const float* x;
  __device__ __forceinline__ float operator()(size_t i) const { return __ldg(x + i); }
};

// Grid (C, shares).
ENTRY(batch_norm_moments, const Maps maps, const float* x, float* means, float* squares) {
  shareMoments(maps, Plain{x}, means, squares);
}

// Statistics of the whole batch, by Chan, Golub and LeVeque's rule for two parts. A thread for each channel.
ENTRY(batch_norm_statistics, const Maps maps, int shares, float eps, const float* means, const float* squares,
      float* mean, float* variance, float* invStd) {
  int channel = globalIndex();
  if (channel >= maps.channels) {
    return;
  }
  long long values = (long long)maps.batch * maps.length;
  float center = 0.0f;
  float square = 0.0f;
  float count = 0.0f;
  for (int i = 0; i < shares; i++) {
    float more = (float)(values * (i + 1) / shares - values * i / shares);
    if (more > 0.0f) {
      float distance = means[i * maps.channels + channel] - center;
      float total = count + more;
      center += distance * (more / total);
      square += squares[i * maps.channels + channel] + distance * distance * (count * more / total);
      count = total;
    }
  }
  mean[channel] = center;
  variance[channel] = square / (count > 1.0f ? count - 1.0f : count);
  invStd[channel] = 1.0f / sqrtf(square / count + eps);
}

ENTRY(batch_norm_inverse, int channels, float eps, const float* variance, float* invStd) {
  int channel = globalIndex();
  if (channel < channels) {
    invStd[channel] = 1.0f / sqrtf(variance[channel] + eps);
  }
}

// A thread for each element.
ENTRY(batch_norm_apply, const Maps maps, int activation, const float* x, const float* gamma, const float* beta,
      const float* mean, const float* invStd, float* y) {
  int i = globalIndex();
  if (i < maps.batch * maps.channels * maps.length) {
    Normalised n = normalised(i / maps.length % maps.channels, gamma, beta, mean, invStd);
    y[i] = activate(activation, n.scale * __ldg(x + i) + n.shift);
  }
}

// Of each share: sums of g and of g xhat, (shares, C). Grid (C, shares).
ENTRY(batch_norm_sums, const Maps maps, int activation, const float* dy, const float* x, const float* gamma,
      const float* beta, const float* mean, const float* invStd, float* dbeta, float* dgamma) {
  SHARED float room[32];
  int channel = blockIdx.x;
  Normalised n = normalised(channel, gamma, beta, mean, invStd);
  Share mine = share(maps);
  float sum = 0.0f;
  float dot = 0.0f;
  for (int v = mine.begin + (int)threadIdx.x; v < mine.end; v += blockDim.x) {
    size_t i = place(maps, channel, v);
    float value = __ldg(x + i);
    float g = activationGradient(activation, n.scale * value + n.shift, __ldg(dy + i));
    sum += g;
    dot += g * (value - n.mean) * n.invStd;
  }
  sum = blockSum(sum, room);
  dot = blockSum(dot, room);
  if (threadIdx.x == 0) {
    dbeta[blockIdx.y * maps.channels + channel] = sum;
    dgamma[blockIdx.y * maps.channels + channel] = dot;
  }
}

// `part` is one over the values of a channel where statistics depend on them, 0 where they are constants. dx may lie
// where dy does.
ENTRY(batch_norm_gradient, const Maps maps, int activation, float part, const float* dy, const float* x,
      const float* gamma, const float* beta, const float* mean, const float* invStd, const float* dbeta,
      const float* dgamma, float* dx) {
  int i = globalIndex();
  if (i < maps.batch * maps.channels * maps.length) {
    int channel = i / maps.length % maps.channels;
    Normalised n = normalised(channel, gamma, beta, mean, invStd);
    float value = __ldg(x + i);
    float g = activationGradient(activation, n.scale * value + n.shift, dy[i]);
    float xhat = (value - n.mean) * n.invStd;
    dx[i] = part == 0.0f
        ? n.scale * g
        : n.scale * (g - __ldg(dbeta + channel) * part - xhat * (__ldg(dgamma + channel) * part));
  }
}
