// y = h (silu(z) + d) for hz = [h ; z]: `half` elements of h for each sample, then as many of z.
#include "channels.cuh"

// Where h lies that belongs to an element of y.
static __device__ __forceinline__ size_t hiddenAt(int half, int i) { return (size_t)(i / half) * 2 * half + i % half; }

ENTRY(hidden_gate_forward, int count, int half, const float* hz, const float* d, float* y) {
  int i = globalIndex();
  if (i < count) {
    size_t h = hiddenAt(half, i);
    float z = __ldg(hz + h + half);
    y[i] = __ldg(hz + h) * (z * sigmoid(z) + __ldg(d));
  }
}

ENTRY(hidden_gate_gradient, int count, int half, const float* dy, const float* hz, const float* d, float* dhz) {
  int i = globalIndex();
  if (i < count) {
    size_t h = hiddenAt(half, i);
    float g = dy[i];
    float value = hz[h];
    float z = hz[h + half];
    float s = sigmoid(z);
    dhz[h] = g * (z * s + d[0]);
    dhz[h + half] = g * value * (s * (1.0f + z * (1.0f - s)));
  }
}

// Sum of dy h of each share; `all` takes y for a single channel. Grid (1, shares).
ENTRY(hidden_gate_sums, const Maps all, int half, const float* dy, const float* hz, float* sums) {
  SHARED float room[32];
  Share mine = share(all);
  float sum = 0.0f;
  for (int v = mine.begin + (int)threadIdx.x; v < mine.end; v += blockDim.x) {
    sum += __ldg(dy + v) * __ldg(hz + hiddenAt(half, v));
  }
  sum = blockSum(sum, room);
  if (threadIdx.x == 0) {
    sums[blockIdx.y] = sum;
  }
}
