// Softmax cross-entropy with soft targets; a warp for each sample. Grid (samples).
#include "elapid.cuh"

// `losses` gets each sample's share of the mean.
ENTRY(cross_entropy_forward, int classes, const float* logits, const float* targets, float* losses,
      float* probabilities) {
  size_t start = (size_t)blockIdx.x * classes;
  float largest = LOWEST;
  for (int k = threadIdx.x; k < classes; k += LANES) {
    largest = fmaxf(largest, __ldg(logits + start + k));
  }
  largest = warpMax(largest);
  float sum = 0.0f;
  for (int k = threadIdx.x; k < classes; k += LANES) {
    sum += expf(__ldg(logits + start + k) - largest);
  }
  float logSum = logf(warpSum(sum));
  float loss = 0.0f;
  for (int k = threadIdx.x; k < classes; k += LANES) {
    float logProbability = __ldg(logits + start + k) - largest - logSum;
    probabilities[start + k] = expf(logProbability);
    loss -= __ldg(targets + start + k) * logProbability;
  }
  loss = warpSum(loss);
  if (threadIdx.x == 0) {
    losses[blockIdx.x] = loss / gridDim.x;
  }
}

ENTRY(cross_entropy_gradient, int classes, const float* dloss, const float* targets, const float* probabilities,
      float* dlogits) {
  size_t start = (size_t)blockIdx.x * classes;
  float mass = 0.0f;
  for (int k = threadIdx.x; k < classes; k += LANES) {
    mass += __ldg(targets + start + k);
  }
  mass = warpSum(mass);
  float scale = __ldg(dloss) / gridDim.x;
  for (int k = threadIdx.x; k < classes; k += LANES) {
    dlogits[start + k] = scale * (__ldg(probabilities + start + k) * mass - __ldg(targets + start + k));
  }
}
