// Convolutions of each channel on its own, any kernel; those of 3x3, 5x5 and 7x7 with loops of known length.
#include "activation.cuh"
#include "convolution.cuh"

// y = act(scale acc + shift); scale and shift may be null. A thread for each output. K = 0: any kernel.
template <int K>
static __device__ __forceinline__ void depthwiseForward(
    const ConvolutionSizes& s, int activation, const float* x, const float* w, const float* scale, const float* shift,
    float* y) {
  int index = globalIndex();
  if (index >= s.batch * s.channels * s.outputHeight * s.outputWidth) {
    return;
  }
  const int kernelHeight = K == 0 ? s.kernelHeight : K;
  const int kernelWidth = K == 0 ? s.kernelWidth : K;
  int map = index / (s.outputHeight * s.outputWidth);
  int channel = map % s.channels;
  int row0 = index / s.outputWidth % s.outputHeight * s.strideHeight - s.paddingHeight;
  int column0 = index % s.outputWidth * s.strideWidth - s.paddingWidth;
  const float* from = x + (size_t)map * s.height * s.width;
  const float* taps = w + channel * kernelHeight * kernelWidth;
  float sum = 0.0f;
#pragma unroll
  for (int p = 0; p < kernelHeight; p++) {
    int row = row0 + p;
#pragma unroll
    for (int q = 0; q < kernelWidth; q++) {
      int column = column0 + q;
      if (row >= 0 && row < s.height && column >= 0 && column < s.width) {
        sum += __ldg(taps + p * kernelWidth + q) * __ldg(from + row * s.width + column);
      }
    }
  }
  float factor = scale ? __ldg(scale + channel) : 1.0f;
  float addend = shift ? __ldg(shift + channel) : 0.0f;
  y[index] = activate(activation, factor * sum + addend);
}

#define DEPTHWISE_FORWARD(K)                                                                                          \
  ENTRY(depthwise_forward_##K, const ConvolutionSizes s, int activation, const float* x, const float* w,                \
        const float* scale, const float* shift, float* y) {                                                           \
    depthwiseForward<K>(s, activation, x, w, scale, shift, y);                                                        \
  }

DEPTHWISE_FORWARD(0)
DEPTHWISE_FORWARD(3)
DEPTHWISE_FORWARD(5)
DEPTHWISE_FORWARD(7)

// A thread for each input.
ENTRY(depthwise_input_gradient, const ConvolutionSizes s, const float* dy, const float* w, float* dx) {
  int index = globalIndex();
  if (index >= s.batch * s.channels * s.height * s.width) {
    return;
  }
  int map = index / (s.height * s.width);
  int row = index / s.width % s.height + s.paddingHeight;
  int column = index % s.width + s.paddingWidth;
  const float* from = dy + (size_t)map * s.outputHeight * s.outputWidth;
  const float* taps = w + map % s.channels * s.kernelHeight * s.kernelWidth;
  float sum = 0.0f;
  for (int p = 0; p < s.kernelHeight; p++) {
    int i = row - p;
    if (i < 0 || i % s.strideHeight != 0 || i / s.strideHeight >= s.outputHeight) {
      continue;
    }
    for (int q = 0; q < s.kernelWidth; q++) {
      int j = column - q;
      if (j >= 0 && j % s.strideWidth == 0 && j / s.strideWidth < s.outputWidth) {
        sum += __ldg(taps + p * s.kernelWidth + q) * __ldg(from + i / s.strideHeight * s.outputWidth + j / s.strideWidth);
      }
    }
  }
  dx[index] = sum;
}

// Of each share of the samples: dw, (shares, C, taps), and dbias, (shares, C). Grid (C, taps and one for the bias,
// shares).
ENTRY(depthwise_weight_gradient, const ConvolutionSizes s, const float* dy, const float* x, float* dw, float* dbias) {
  SHARED float room[32];
  int channel = blockIdx.x;
  int tap = blockIdx.y;
  int taps = s.kernelHeight * s.kernelWidth;
  int p = tap / s.kernelWidth;
  int q = tap % s.kernelWidth;
  int outputs = s.outputHeight * s.outputWidth;
  int begin = (int)((long long)s.batch * blockIdx.z / gridDim.z) * outputs;
  int end = (int)((long long)s.batch * (blockIdx.z + 1) / gridDim.z) * outputs;
  float sum = 0.0f;
  for (int v = begin + (int)threadIdx.x; v < end; v += blockDim.x) {
    size_t map = (size_t)(v / outputs) * s.channels + channel;
    float g = __ldg(dy + map * outputs + v % outputs);
    if (tap == taps) {
      sum += g;
      continue;
    }
    int row = v / s.outputWidth % s.outputHeight * s.strideHeight - s.paddingHeight + p;
    int column = v % s.outputWidth * s.strideWidth - s.paddingWidth + q;
    if (row >= 0 && row < s.height && column >= 0 && column < s.width) {
      sum += g * __ldg(x + (map * s.height + row) * s.width + column);
    }
  }
  sum = blockSum(sum, room);
  if (threadIdx.x == 0) {
    size_t part = (size_t)blockIdx.z * s.channels + channel;
    if (tap < taps) {
      dw[part * taps + tap] = sum;
    } else if (dbias) {
      dbias[part] = sum;
    }
  }
}
