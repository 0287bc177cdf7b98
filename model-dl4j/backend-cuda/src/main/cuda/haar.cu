// Haar wavelets of every channel; y has half the height and width, rounded up, and four times the channels.
#include "elapid.cuh"

#define SCALE 0.49999997019767761f

struct HaarSizes {
  int maps;
  int height;
  int width;
};

static __device__ __forceinline__ float haarAt(const HaarSizes& s, const float* x, int map, int row, int column) {
  return row < s.height && column < s.width ? __ldg(x + ((size_t)map * s.height + row) * s.width + column) : 0.0f;
}

// A thread for each 2x2 neighbourhood.
ENTRY(haar_forward, const HaarSizes s, const float* x, float* y) {
  int halfHeight = (s.height + 1) / 2;
  int halfWidth = (s.width + 1) / 2;
  int plane = halfHeight * halfWidth;
  int i = globalIndex();
  if (i >= s.maps * plane) {
    return;
  }
  int map = i / plane;
  int row = i % plane / halfWidth * 2;
  int column = i % halfWidth * 2;
  float a = haarAt(s, x, map, row, column);
  float b = haarAt(s, x, map, row, column + 1);
  float c = haarAt(s, x, map, row + 1, column);
  float d = haarAt(s, x, map, row + 1, column + 1);
  size_t first = (size_t)4 * map * plane + i % plane;
  y[first] = SCALE * (a + b + c + d);
  y[first + plane] = SCALE * (a + b - c - d);
  y[first + 2 * plane] = SCALE * (a - b + c - d);
  y[first + 3 * plane] = SCALE * (a - b - c + d);
}

// A thread for each element of x.
ENTRY(haar_inverse, const HaarSizes s, const float* y, float* x) {
  int halfWidth = (s.width + 1) / 2;
  int plane = (s.height + 1) / 2 * halfWidth;
  int i = globalIndex();
  if (i >= s.maps * s.height * s.width) {
    return;
  }
  int map = i / (s.height * s.width);
  int row = i / s.width % s.height;
  int column = i % s.width;
  const float* from = y + (size_t)4 * map * plane + row / 2 * halfWidth + column / 2;
  float down = row % 2 == 0 ? 1.0f : -1.0f;
  float right = column % 2 == 0 ? 1.0f : -1.0f;
  float sum = __ldg(from) + down * __ldg(from + plane);
  float difference = __ldg(from + 2 * plane) + down * __ldg(from + 3 * plane);
  x[i] = SCALE * (sum + right * difference);
}
