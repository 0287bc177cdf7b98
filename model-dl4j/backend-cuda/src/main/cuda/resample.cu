// Maps of another size; rules in Resampling. Where a pixel lies is a fraction of whole numbers: no position is rounded.
#include "elapid.cuh"

#define LINEAR 0
#define LINEAR_CORNERS 1
#define NEAREST 2
#define EVERY_SECOND 3
#define MEAN 4

// Twice a length of x times one of y stays below 2^31.
struct ResampleSizes {
  int rule;
  int maps;
  int rows;  // of x
  int columns;
  int toRows;  // of y
  int toColumns;
};

// What a pixel of y is made of, along one dimension.
struct Taps {
  int first;
  int count;
  float weight;  // of the first
  float others;
};

// The pixel at place / parts.
static __device__ __forceinline__ Taps between(int place, int parts, int from) {
  Taps taps;
  taps.first = min(place / parts, from - 1);
  int rest = place - taps.first * parts;
  taps.count = taps.first + 1 < from ? 2 : 1;
  taps.weight = taps.count == 2 ? (float)(parts - rest) / parts : 1.0f;
  taps.others = (float)rest / parts;
  return taps;
}

static __device__ __forceinline__ Taps tapsOf(int rule, int index, int from, int to) {
  if (rule == LINEAR) {
    return between(max(0, (2 * index + 1) * from - to), 2 * to, from);
  }
  if (rule == LINEAR_CORNERS) {
    return between(index * (from - 1), max(1, to - 1), from);
  }
  Taps taps;
  taps.first = rule == EVERY_SECOND ? 2 * index : index * from / to;
  taps.count = rule == MEAN ? ((index + 1) * from + to - 1) / to - taps.first : 1;
  taps.weight = 1.0f / taps.count;
  taps.others = taps.weight;
  return taps;
}

// Weight that a pixel of x has.
static __device__ __forceinline__ float weightOf(const Taps& taps, int pixel) {
  int at = pixel - taps.first;
  return at < 0 || at >= taps.count ? 0.0f : at == 0 ? taps.weight : taps.others;
}

// A thread for each pixel of y.
ENTRY(resample_forward, const ResampleSizes s, const float* x, float* y) {
  int i = globalIndex();
  if (i >= s.maps * s.toRows * s.toColumns) {
    return;
  }
  int line = i / s.toColumns;
  int map = line / s.toRows;
  Taps rows = tapsOf(s.rule, line - map * s.toRows, s.rows, s.toRows);
  Taps columns = tapsOf(s.rule, i - line * s.toColumns, s.columns, s.toColumns);
  const float* from = x + ((size_t)map * s.rows + rows.first) * s.columns + columns.first;
  float sum = 0.0f;
  for (int r = 0; r < rows.count; r++) {
    float inLine = columns.weight * __ldg(from);
    for (int c = 1; c < columns.count; c++) {
      inLine += columns.others * __ldg(from + c);
    }
    sum += (r == 0 ? rows.weight : rows.others) * inLine;
    from += s.columns;
  }
  y[i] = sum;
}

// Pixels of y among which all that a pixel of x is in are.
struct Takers {
  int begin;
  int end;
};

static __device__ __forceinline__ int upwards(int a, int b) { return (a + b - 1) / b; }

static __device__ __forceinline__ Takers takersOf(int rule, int pixel, int from, int to) {
  Takers takers = {0, to};
  if (rule == LINEAR) {
    // The first and the last pixel are all there is beyond them.
    if (pixel > 0) {
      takers.begin = max(0, (2 * pixel - 1) * to - from) / (2 * from);
    }
    if (pixel < from - 1) {
      takers.end = upwards((2 * pixel + 3) * to - from, 2 * from);
    }
  } else if (rule == LINEAR_CORNERS) {
    if (from > 1) {
      takers.begin = max(0, pixel - 1) * (to - 1) / (from - 1);
      takers.end = (pixel + 1) * (to - 1) / (from - 1) + 1;
    }
  } else if (rule == EVERY_SECOND) {
    takers.begin = pixel / 2;
    takers.end = pixel / 2 + 1;
  } else {
    takers.begin = pixel * to / from;
    takers.end = upwards((pixel + 1) * to, from);
  }
  takers.end = min(takers.end, to);
  return takers;
}

// A thread for each pixel of x.
ENTRY(resample_gradient, const ResampleSizes s, const float* dy, float* dx) {
  int i = globalIndex();
  if (i >= s.maps * s.rows * s.columns) {
    return;
  }
  int line = i / s.columns;
  int map = line / s.rows;
  int row = line - map * s.rows;
  int column = i - line * s.columns;
  Takers rows = takersOf(s.rule, row, s.rows, s.toRows);
  Takers columns = takersOf(s.rule, column, s.columns, s.toColumns);
  float sum = 0.0f;
  for (int r = rows.begin; r < rows.end; r++) {
    float weight = weightOf(tapsOf(s.rule, r, s.rows, s.toRows), row);
    if (weight == 0.0f) {
      continue;
    }
    const float* from = dy + ((size_t)map * s.toRows + r) * s.toColumns;
    float inLine = 0.0f;
    for (int c = columns.begin; c < columns.end; c++) {
      float share = weightOf(tapsOf(s.rule, c, s.columns, s.toColumns), column);
      inLine += share == 0.0f ? 0.0f : share * __ldg(from + c);
    }
    sum += weight * inLine;
  }
  dx[i] = sum;
}
