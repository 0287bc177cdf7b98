// One factor or one mean for each map of (B, C, L). Where results may lie over operands, nothing is read by way of the
// read-only cache.
#include "elapid.cuh"

ENTRY(channel_scale_forward, int count, int length, const float* x, const float* s, float* y) {
  int i = globalIndex();
  if (i < count) {
    y[i] = x[i] * __ldg(s + i / length);
  }
}

// dx = dy s and ds = sum(dy x). A block for each map: grid (B C).
ENTRY(channel_scale_gradient, int length, const float* dy, const float* x, const float* s, float* dx, float* ds) {
  SHARED float room[32];
  size_t start = (size_t)blockIdx.x * length;
  float factor = s[blockIdx.x];
  float sum = 0.0f;
  for (int l = threadIdx.x; l < length; l += blockDim.x) {
    sum += dy[start + l] * x[start + l];
  }
  sum = blockSum(sum, room);
  for (int l = threadIdx.x; l < length; l += blockDim.x) {
    dx[start + l] = dy[start + l] * factor;
  }
  // last: of maps of one pixel ds may lie where dy or x does
  if (threadIdx.x == 0) {
    ds[blockIdx.x] = sum;
  }
}

// A block for each map.
ENTRY(spatial_mean_forward, int length, const float* x, float* y) {
  SHARED float room[32];
  size_t start = (size_t)blockIdx.x * length;
  float sum = 0.0f;
  for (int l = threadIdx.x; l < length; l += blockDim.x) {
    sum += __ldg(x + start + l);
  }
  sum = blockSum(sum, room);
  if (threadIdx.x == 0) {
    y[blockIdx.x] = sum / length;
  }
}

ENTRY(spatial_mean_gradient, int count, int length, const float* dy, float* dx) {
  int i = globalIndex();
  if (i < count) {
    dx[i] = __ldg(dy + i / length) / length;
  }
}
