// Mixture of n heads by p = softmax(weights); formulas in SoftmaxMixKernel.
#include "channels.cuh"

// One warp.
ENTRY(softmax_mix_probabilities, int heads, const float* weights, float* p) {
  float largest = LOWEST;
  for (int k = threadIdx.x; k < heads; k += LANES) {
    largest = fmaxf(largest, __ldg(weights + k));
  }
  largest = warpMax(largest);
  float sum = 0.0f;
  for (int k = threadIdx.x; k < heads; k += LANES) {
    sum += expf(__ldg(weights + k) - largest);
  }
  sum = warpSum(sum);
  for (int k = threadIdx.x; k < heads; k += LANES) {
    p[k] = expf(__ldg(weights + k) - largest) / sum;
  }
}

// Adds p x to what y holds, and sets y for the first head.
ENTRY(softmax_mix_add, int count, int head, const float* p, const float* x, float* y) {
  int i = globalIndex();
  if (i < count) {
    float term = __ldg(p + head) * __ldg(x + i);
    y[i] = head == 0 ? term : y[i] + term;
  }
}

// Sum of dy x of each share; `all` takes the maps for a single channel. Grid (1, shares).
ENTRY(softmax_mix_dots, const Maps all, const float* dy, const float* x, float* dots) {
  SHARED float room[32];
  Share mine = share(all);
  float sum = 0.0f;
  for (int v = mine.begin + (int)threadIdx.x; v < mine.end; v += blockDim.x) {
    sum += __ldg(dy + v) * __ldg(x + v);
  }
  sum = blockSum(sum, room);
  if (threadIdx.x == 0) {
    dots[blockIdx.y] = sum;
  }
}

ENTRY(softmax_mix_scale, int count, int head, const float* p, const float* dy, float* dlogits) {
  int i = globalIndex();
  if (i < count) {
    dlogits[i] = __ldg(p + head) * dy[i];
  }
}

// dweights from q, the sums of dy x. A thread for each head.
ENTRY(softmax_mix_weights, int heads, const float* p, const float* q, float* dweights) {
  int head = globalIndex();
  if (head < heads) {
    float mean = 0.0f;
    for (int k = 0; k < heads; k++) {
      mean += __ldg(p + k) * __ldg(q + k);
    }
    dweights[head] = __ldg(p + head) * (__ldg(q + head) - mean);
  }
}
