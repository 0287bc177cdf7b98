// Batch norm of a convolution's result u, the convolution's input x added to it by a factor for each channel, and batch
// norm of the sum s; formulas in ShortcutNormKernel. s and its gradient ds are computed wherever they are needed.
#include "norms.cuh"

// Parameters and statistics of the channels.
struct ShortcutNorms {
  const float* weight;
  const float* bias;
  const float* innerGamma;
  const float* innerBeta;
  const float* innerMean;
  const float* innerInvStd;
  const float* outerGamma;
  const float* outerBeta;
  const float* outerMean;
  const float* outerInvStd;
};

// What makes s of a channel.
struct Shortcut {
  Normalised inner;
  float factor;
  float bias;
  __device__ __forceinline__ float operator()(float u, float x) const {
    return inner.scale * u + inner.shift + (factor * x + bias);
  }
};

static __device__ __forceinline__ Shortcut shortcut(const ShortcutNorms& norms, int channel) {
  Shortcut s;
  s.inner = normalised(channel, norms.innerGamma, norms.innerBeta, norms.innerMean, norms.innerInvStd);
  s.factor = 1.0f + __ldg(norms.weight + channel);
  s.bias = __ldg(norms.bias + channel);
  return s;
}

static __device__ __forceinline__ Normalised outerNorm(const ShortcutNorms& norms, int channel) {
  return normalised(channel, norms.outerGamma, norms.outerBeta, norms.outerMean, norms.outerInvStd);
}

struct ShortcutValues {
  Shortcut shortcut;
  const float* u;
  const float* x;
  __device__ __forceinline__ float operator()(size_t i) const { return shortcut(__ldg(u + i), __ldg(x + i)); }
};

// Of s, by the statistics of u. Grid (C, shares).
ENTRY(shortcut_norm_moments, const Maps maps, const ShortcutNorms norms, const float* u, const float* x, float* means,
      float* squares) {
  shareMoments(maps, ShortcutValues{shortcut(norms, blockIdx.x), u, x}, means, squares);
}

// A thread for each element.
ENTRY(shortcut_norm_apply, const Maps maps, const ShortcutNorms norms, const float* u, const float* x, float* y) {
  int i = globalIndex();
  if (i < maps.batch * maps.channels * maps.length) {
    int channel = i / maps.length % maps.channels;
    Normalised outer = outerNorm(norms, channel);
    y[i] = outer.scale * shortcut(norms, channel)(u[i], x[i]) + outer.shift;
  }
}

// Of each share: sums of dy and of dy shat, (shares, C). Grid (C, shares).
ENTRY(shortcut_norm_outer_sums, const Maps maps, const ShortcutNorms norms, const float* dy, const float* u,
      const float* x, float* dbeta, float* dgamma) {
  SHARED float room[32];
  int channel = blockIdx.x;
  Shortcut s = shortcut(norms, channel);
  Normalised outer = outerNorm(norms, channel);
  Share mine = share(maps);
  float sum = 0.0f;
  float dot = 0.0f;
  for (int v = mine.begin + (int)threadIdx.x; v < mine.end; v += blockDim.x) {
    size_t i = place(maps, channel, v);
    float g = __ldg(dy + i);
    sum += g;
    dot += g * (s(__ldg(u + i), __ldg(x + i)) - outer.mean) * outer.invStd;
  }
  sum = blockSum(sum, room);
  dot = blockSum(dot, room);
  if (threadIdx.x == 0) {
    dbeta[blockIdx.y * maps.channels + channel] = sum;
    dgamma[blockIdx.y * maps.channels + channel] = dot;
  }
}

// What makes ds of a channel; the means are those of dy and of dy shat.
struct SumGradient {
  Shortcut shortcut;
  Normalised outer;
  float mean;
  float slope;
  __device__ __forceinline__ float operator()(float dy, float u, float x) const {
    float shat = (shortcut(u, x) - outer.mean) * outer.invStd;
    return outer.scale * (dy - mean - shat * slope);
  }
};

// `part` is one over the values of a channel.
static __device__ __forceinline__ SumGradient sumGradient(
    const ShortcutNorms& norms, int channel, float part, const float* dbeta, const float* dgamma) {
  SumGradient ds = {
      shortcut(norms, channel), outerNorm(norms, channel), __ldg(dbeta + channel) * part, __ldg(dgamma + channel) * part};
  return ds;
}

// Of each share: sums of ds, of ds uhat and of ds x, (shares, C); dbeta and dgamma are of the outer norm.
// Grid (C, shares).
ENTRY(shortcut_norm_inner_sums, const Maps maps, const ShortcutNorms norms, float part, const float* dbeta,
      const float* dgamma, const float* dy, const float* u, const float* x, float* sums, float* dots, float* dweight) {
  SHARED float room[32];
  int channel = blockIdx.x;
  SumGradient ds = sumGradient(norms, channel, part, dbeta, dgamma);
  Share mine = share(maps);
  float sum = 0.0f;
  float dot = 0.0f;
  float weight = 0.0f;
  for (int v = mine.begin + (int)threadIdx.x; v < mine.end; v += blockDim.x) {
    size_t i = place(maps, channel, v);
    float convolved = __ldg(u + i);
    float input = __ldg(x + i);
    float g = ds(__ldg(dy + i), convolved, input);
    sum += g;
    dot += g * (convolved - ds.shortcut.inner.mean) * ds.shortcut.inner.invStd;
    weight += g * input;
  }
  sum = blockSum(sum, room);
  dot = blockSum(dot, room);
  weight = blockSum(weight, room);
  if (threadIdx.x == 0) {
    sums[blockIdx.y * maps.channels + channel] = sum;
    dots[blockIdx.y * maps.channels + channel] = dot;
    dweight[blockIdx.y * maps.channels + channel] = weight;
  }
}

// du and dx may lie where dy and u do: all is read before, and not by way of the read-only cache.
ENTRY(shortcut_norm_gradient, const Maps maps, const ShortcutNorms norms, float part, const float* outerDbeta,
      const float* outerDgamma, const float* innerDbeta, const float* innerDgamma, const float* dy, const float* u,
      const float* x, float* du, float* dx) {
  int i = globalIndex();
  if (i < maps.batch * maps.channels * maps.length) {
    int channel = i / maps.length % maps.channels;
    SumGradient ds = sumGradient(norms, channel, part, outerDbeta, outerDgamma);
    Normalised inner = ds.shortcut.inner;
    float convolved = u[i];
    float g = ds(dy[i], convolved, x[i]);
    float uhat = (convolved - inner.mean) * inner.invStd;
    float mean = __ldg(innerDbeta + channel) * part;
    float slope = __ldg(innerDgamma + channel) * part;
    du[i] = inner.scale * (g - mean - uhat * slope);
    dx[i] = ds.shortcut.factor * g;
  }
}
