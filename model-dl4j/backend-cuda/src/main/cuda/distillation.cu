// Divergence of a student's class probabilities from its teacher's; formulas in DistillationKernel. A warp for each
// sample: grid (samples).
#include "elapid.cuh"

// ln sum exp(x inverse), as its largest term and the rest.
struct LogSum {
  float largest;
  float rest;
};

static __device__ __forceinline__ LogSum logSum(int classes, float inverse, const float* x) {
  LogSum log;
  log.largest = LOWEST;
  for (int k = threadIdx.x; k < classes; k += LANES) {
    log.largest = fmaxf(log.largest, __ldg(x + k) * inverse);
  }
  log.largest = warpMax(log.largest);
  float sum = 0.0f;
  for (int k = threadIdx.x; k < classes; k += LANES) {
    sum += expf(__ldg(x + k) * inverse - log.largest);
  }
  log.rest = logf(warpSum(sum));
  return log;
}

// `inverse` is one over the temperature; `losses` gets what each sample adds to the loss.
ENTRY(distillation_forward, int classes, float inverse, float weight, const float* logits, const float* teacher,
      float* losses, float* slope) {
  size_t start = (size_t)blockIdx.x * classes;
  LogSum student = logSum(classes, inverse, logits + start);
  LogSum expert = logSum(classes, inverse, teacher + start);
  float loss = 0.0f;
  for (int k = threadIdx.x; k < classes; k += LANES) {
    float logP = __ldg(teacher + start + k) * inverse - expert.largest - expert.rest;
    float logQ = __ldg(logits + start + k) * inverse - student.largest - student.rest;
    float p = expf(logP);
    loss += p * (logP - logQ);
    slope[start + k] = weight * inverse * (expf(logQ) - p);
  }
  loss = warpSum(loss);
  if (threadIdx.x == 0) {
    losses[blockIdx.x] = weight * loss;
  }
}
