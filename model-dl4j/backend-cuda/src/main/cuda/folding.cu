// Norms and shortcuts as parts of the convolution before them; formulas in FoldingKernel. Optional operands may be null.
#include "elapid.cuh"

// A thread for each channel.
ENTRY(folding_norm, int channels, float eps, const float* gamma, const float* beta, const float* mean,
      const float* variance, const float* bias, float* scale, float* shift) {
  int c = globalIndex();
  if (c < channels) {
    float factor = __ldg(gamma + c) / sqrtf(__ldg(variance + c) + eps);
    scale[c] = factor;
    shift[c] = __ldg(beta + c) + ((bias ? __ldg(bias + c) : 0.0f) - __ldg(mean + c)) * factor;
  }
}

// A thread for each weight.
ENTRY(folding_kernel, int channels, int taps, float offset, const float* w, const float* innerScale,
      const float* factor, float* kernel) {
  int i = globalIndex();
  if (i < channels * taps) {
    int c = i / taps;
    float shortcut = i % taps == taps / 2 ? __ldg(factor + c) + offset : 0.0f;
    kernel[i] = __ldg(innerScale + c) * __ldg(w + i) + shortcut;
  }
}

// A thread for each channel.
ENTRY(folding_shift, int channels, const float* innerShift, const float* bias, const float* outerScale,
      const float* outerShift, float* shift) {
  int c = globalIndex();
  if (c < channels) {
    float added = __ldg(innerShift + c) + (bias ? __ldg(bias + c) : 0.0f);
    shift[c] = __ldg(outerScale + c) * added + __ldg(outerShift + c);
  }
}
