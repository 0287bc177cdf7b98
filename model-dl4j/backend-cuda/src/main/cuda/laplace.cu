// Levels of Laplace pyramids; formulas in LaplaceKernel. A pixel of `low` stands for `pool` x `pool` pixels.
#include "elapid.cuh"

struct LaplaceSizes {
  int maps;
  int height;
  int width;
  int pool;
};

static __device__ __forceinline__ int lowCount(const LaplaceSizes& s) { return s.maps * s.height * s.width; }

static __device__ __forceinline__ float pooledSum(const LaplaceSizes& s, const float* x, int i) {
  int fullWidth = s.width * s.pool;
  const float* corner = x + (size_t)(i / s.width) * s.pool * fullWidth + i % s.width * s.pool;
  float sum = 0.0f;
  for (int row = 0; row < s.pool; row++) {
    for (int column = 0; column < s.pool; column++) {
      sum += __ldg(corner + (size_t)row * fullWidth + column);
    }
  }
  return sum;
}

// Which pixel of low stands for a pixel.
static __device__ __forceinline__ int lowOf(const LaplaceSizes& s, int i) {
  int fullWidth = s.width * s.pool;
  return i / fullWidth / s.pool * s.width + i % fullWidth / s.pool;
}

// Mean of x. A thread for each pixel of low.
ENTRY(laplace_mean, const LaplaceSizes s, const float* x, float* low) {
  int i = globalIndex();
  if (i < lowCount(s)) {
    low[i] = pooledSum(s, x, i) / (s.pool * s.pool);
  }
}

// What all pixels of dx that one of low stands for have beside dresidual. A thread for each pixel of low.
ENTRY(laplace_shift, const LaplaceSizes s, const float* dlow, const float* dresidual, float* shift) {
  int i = globalIndex();
  if (i < lowCount(s)) {
    shift[i] = (__ldg(dlow + i) - pooledSum(s, dresidual, i)) / (s.pool * s.pool);
  }
}

// y = x + factor low, with a factor of 1 or -1. A thread for each pixel.
ENTRY(laplace_add, const LaplaceSizes s, float factor, const float* x, const float* low, float* y) {
  int i = globalIndex();
  if (i < lowCount(s) * s.pool * s.pool) {
    y[i] = x[i] + factor * __ldg(low + lowOf(s, i));
  }
}

// Where a pixel lies between two of low, along one dimension.
struct Between {
  int before;
  int after;
  float weight;
};

static __device__ __forceinline__ Between between(int at, int pool, int last) {
  int halves = max(0, 2 * at + 1 - pool);
  Between b;
  b.before = halves / (2 * pool);
  b.after = min(b.before + 1, last);
  b.weight = (float)(halves % (2 * pool)) / (2 * pool);
  return b;
}

static __device__ __forceinline__ float mixed(const float* low, const Between& column) {
  return (1.0f - column.weight) * __ldg(low + column.before) + column.weight * __ldg(low + column.after);
}

// A thread for each pixel of y.
ENTRY(laplace_merge, const LaplaceSizes s, const float* low, const float* residual, float* y) {
  int i = globalIndex();
  if (i >= lowCount(s) * s.pool * s.pool) {
    return;
  }
  int fullHeight = s.height * s.pool;
  int fullWidth = s.width * s.pool;
  Between row = between(i / fullWidth % fullHeight, s.pool, s.height - 1);
  Between column = between(i % fullWidth, s.pool, s.width - 1);
  const float* map = low + (size_t)(i / fullWidth / fullHeight) * s.height * s.width;
  float upper = mixed(map + row.before * s.width, column);
  float lower = mixed(map + row.after * s.width, column);
  y[i] = (1.0f - row.weight) * upper + row.weight * lower + residual[i];
}

// The gradient of interpolation along the middle one of three dimensions, (outer, length pool, inner) to (outer, length,
// inner). A thread for each element of the result.
ENTRY(laplace_fold, int outer, int length, int inner, int pool, const float* from, float* to) {
  int i = globalIndex();
  if (i >= outer * length * inner) {
    return;
  }
  int at = i / inner % length;
  const float* line = from + (size_t)(i / inner / length) * length * pool * inner + i % inner;
  int first = max(0, pool * (at - 1) + pool / 2);
  int end = min(length * pool, pool * (at + 1) + pool / 2);
  float sum = 0.0f;
  for (int k = first; k < end; k++) {
    Between b = between(k, pool, length - 1);
    float weight = (b.before == at ? 1.0f - b.weight : 0.0f) + (b.after == at ? b.weight : 0.0f);
    sum += weight * __ldg(line + (size_t)k * inner);
  }
  to[i] = sum;
}
