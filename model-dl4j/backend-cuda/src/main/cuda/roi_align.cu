// RoIAlign. A bin is sum_y sum_x rows[y] columns[x] map[y, x]: what a bilinear sample and the rule for samples outside give is
// a product of one factor for each dimension. The host has computed these; `bins` has, for each region's rows of bins and
// then its columns, the first pixel that counts, how many do, and where their weights begin.
//
// A launch is for one level. Regions that are of none are left to that of level 0: zeros, or what is broken.
#include "elapid.cuh"

struct RoiSizes {
  int regions;
  int channels;
  int binRows;
  int binColumns;
  int level;
  int images;
  int height;
  int width;
};

// Of a region: what it is of, and the pixels around all that count.
struct RoiPlace {
  int level;  // -1: it fills up the list; -2: broken
  int image;
  int top;
  int bottom;
  int left;
  int right;
};

struct RoiBin {
  int first;
  int count;
  int offset;
};

static __device__ __forceinline__ const RoiBin* rowsOf(const RoiSizes& s, const RoiBin* bins, int region) {
  return bins + (size_t)region * (s.binRows + s.binColumns);
}

// A thread for each bin of each channel of each region.
ENTRY(roi_forward, const RoiSizes s, const RoiPlace* places, const RoiBin* bins, const float* weights, const float* map,
      float broken, float* y) {
  int i = globalIndex();
  if (i >= s.regions * s.channels * s.binRows * s.binColumns) {
    return;
  }
  int region = i / (s.channels * s.binRows * s.binColumns);
  int channel = i / (s.binRows * s.binColumns) % s.channels;
  RoiPlace place = places[region];
  if (place.level != s.level) {
    if (place.level < 0 && s.level == 0) {
      y[i] = place.level == -1 ? 0.0f : broken;
    }
    return;
  }
  RoiBin row = rowsOf(s, bins, region)[i / s.binColumns % s.binRows];
  RoiBin column = rowsOf(s, bins, region)[s.binRows + i % s.binColumns];
  const float* from = map + ((size_t)place.image * s.channels + channel) * s.height * s.width;
  float sum = 0.0f;
  for (int j = 0; j < row.count; j++) {
    const float* pixels = from + (row.first + j) * s.width + column.first;
    float line = 0.0f;
    for (int k = 0; k < column.count; k++) {
      line += __ldg(weights + column.offset + k) * __ldg(pixels + k);
    }
    sum += __ldg(weights + row.offset + j) * line;
  }
  y[i] = sum;
}

// A thread for each pixel of the level: what the regions of its image, `list` from `starts[image]` on, have taken of it, in
// their order.
ENTRY(roi_gradient, const RoiSizes s, const RoiPlace* places, const RoiBin* bins, const float* weights, const int* list,
      const int* starts, const float* dy, float* dmap) {
  int i = globalIndex();
  if (i >= s.images * s.channels * s.height * s.width) {
    return;
  }
  int x = i % s.width;
  int y = i / s.width % s.height;
  int channel = i / (s.width * s.height) % s.channels;
  int image = i / (s.width * s.height) / s.channels;
  float sum = 0.0f;
  for (int at = __ldg(starts + image); at < __ldg(starts + image + 1); at++) {
    int region = __ldg(list + at);
    RoiPlace place = places[region];
    if (y < place.top || y >= place.bottom || x < place.left || x >= place.right) {
      continue;
    }
    const RoiBin* rows = rowsOf(s, bins, region);
    const float* from = dy + ((size_t)region * s.channels + channel) * s.binRows * s.binColumns;
    for (int r = 0; r < s.binRows; r++) {
      int j = y - rows[r].first;
      if (j < 0 || j >= rows[r].count) {
        continue;
      }
      float line = 0.0f;
      for (int c = 0; c < s.binColumns; c++) {
        RoiBin column = rows[s.binRows + c];
        int k = x - column.first;
        if (k >= 0 && k < column.count) {
          line += __ldg(weights + column.offset + k) * __ldg(from + r * s.binColumns + c);
        }
      }
      sum += __ldg(weights + rows[r].offset + j) * line;
    }
  }
  dmap[i] = sum;
}
