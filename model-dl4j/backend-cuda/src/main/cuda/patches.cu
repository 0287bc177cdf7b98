// 2x2 neighbourhoods of maps into channels and back; which goes where is said in PatchKernel.
#include "elapid.cuh"

// Of the maps that hold pixels, not neighbourhoods.
struct PatchSizes {
  int batch;
  int channels;
  int height;
  int width;
};

// A thread for each element of y.
ENTRY(patch_gather, const PatchSizes s, const float* x, float* y) {
  int halfHeight = (s.height + 1) / 2;
  int halfWidth = (s.width + 1) / 2;
  int i = globalIndex();
  if (i >= s.batch * 4 * s.channels * halfHeight * halfWidth) {
    return;
  }
  int map = i / (halfHeight * halfWidth);
  int channel = map % s.channels;
  int quarter = map / s.channels % 4;
  int sample = map / s.channels / 4;
  int row = i / halfWidth % halfHeight * 2 + quarter % 2;
  int column = i % halfWidth * 2 + quarter / 2;
  bool inside = row < s.height && column < s.width;
  y[i] = inside ? __ldg(x + ((size_t)(sample * s.channels + channel) * s.height + row) * s.width + column) : 0.0f;
}

// A thread for each element of x.
ENTRY(patch_scatter, const PatchSizes s, const float* y, float* x) {
  int halfHeight = (s.height + 1) / 2;
  int halfWidth = (s.width + 1) / 2;
  int i = globalIndex();
  if (i >= s.batch * s.channels * s.height * s.width) {
    return;
  }
  int column = i % s.width;
  int row = i / s.width % s.height;
  int map = i / s.width / s.height;
  int quarter = row % 2 + 2 * (column % 2);
  size_t from = (size_t)(map / s.channels * 4 + quarter) * s.channels + map % s.channels;
  x[i] = __ldg(y + (from * halfHeight + row / 2) * halfWidth + column / 2);
}
