// What kernels of convolutions are told, as ConvolutionShape has it.
#pragma once

struct ConvolutionSizes {
  int batch;
  int channels;
  int height;
  int width;
  int outputs;
  int outputHeight;
  int outputWidth;
  int kernelHeight;
  int kernelWidth;
  int strideHeight;
  int strideWidth;
  int paddingHeight;
  int paddingWidth;
  int groups;
  int dilation;
};
