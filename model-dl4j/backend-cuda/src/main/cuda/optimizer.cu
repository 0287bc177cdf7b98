// Passes over the flat vectors of a training step; formulas in OptimizerKernel.
#include "elapid.cuh"

struct AdamW {
  float gradient;
  float beta1;
  float beta2;
  float step;
  float root;
  float epsilon;
  float average;
};

// Ranges are in order: `bounds` has each one's first and last element plus one, `factors` its keep and rate. A thread
// for each element; `averages` may be null.
ENTRY(adam_w, const AdamW a, int elements, int ranges, const int* bounds, const float* factors,
      const float* gradients, float* parameters, float* first, float* second, float* averages) {
  int i = globalIndex();
  if (i >= elements) {
    return;
  }
  int low = 0;
  int high = ranges;
  while (low < high) {
    int middle = (low + high) / 2;
    if (__ldg(bounds + 2 * middle + 1) > i) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  if (low == ranges || __ldg(bounds + 2 * low) > i) {
    return;
  }
  float g = a.gradient * __ldg(gradients + i);
  float m = first[i];
  m += (1.0f - a.beta1) * (g - m);
  float v = a.beta2 * second[i] + (1.0f - a.beta2) * g * g;
  float step = __ldg(factors + 2 * low + 1) * a.step;
  float p = __ldg(factors + 2 * low) * parameters[i] - step * m / (sqrtf(v) * a.root + a.epsilon);
  first[i] = m;
  second[i] = v;
  parameters[i] = p;
  if (averages) {
    averages[i] = a.average * averages[i] + (1.0f - a.average) * p;
  }
}

static __device__ __forceinline__ double blockSumDouble(double value, double* room) {
#pragma unroll
  for (int bit = LANES / 2; bit > 0; bit /= 2) {
    value += __shfl_xor_sync(ALL_LANES, value, bit);
  }
  if (threadIdx.x % LANES == 0) {
    room[threadIdx.x / LANES] = value;
  }
  __syncthreads();
  double sum = 0.0;
  for (int i = 0; i < (int)blockDim.x / LANES; i++) {
    sum += room[i];
  }
  __syncthreads();
  return sum;
}

// Sum of squares of each block's elements.
ENTRY(square_parts, int elements, const float* x, double* parts) {
  SHARED double room[32];
  double sum = 0.0;
  for (int i = globalIndex(); i < elements; i += gridDim.x * blockDim.x) {
    double value = __ldg(x + i);
    sum += value * value;
  }
  sum = blockSumDouble(sum, room);
  if (threadIdx.x == 0) {
    parts[blockIdx.x] = sum;
  }
}

ENTRY(square_sum, int parts, const double* from, double* to) {
  double sum = 0.0;
  for (int i = 0; i < parts; i++) {
    sum += from[i];
  }
  to[0] = sum;
}

// A block for each unit.
ENTRY(clip_units, int from, int length, float gradient, float factor, float floor, const float* parameters,
      float* gradients) {
  SHARED double room[32];
  size_t start = (size_t)from + (size_t)blockIdx.x * length;
  double parameter = 0.0;
  double norm = 0.0;
  for (int i = threadIdx.x; i < length; i += blockDim.x) {
    double p = __ldg(parameters + start + i);
    double g = gradients[start + i];
    parameter += p * p;
    norm += g * g;
  }
  parameter = sqrt(blockSumDouble(parameter, room));
  norm = gradient * sqrt(blockSumDouble(norm, room));
  double limit = factor * (parameter > floor ? parameter : (double)floor);
  if (norm > limit) {
    float coefficient = (float)(limit / (norm > 1e-6 ? norm : 1e-6));
    for (int i = threadIdx.x; i < length; i += blockDim.x) {
      gradients[start + i] *= coefficient;
    }
  }
}

ENTRY(vector_blend, int elements, float keep, float take, const float* x, float* y) {
  int i = globalIndex();
  if (i < elements) {
    y[i] = keep * y[i] + take * __ldg(x + i);
  }
}

ENTRY(vector_scale, int elements, float factor, const float* x, float* y) {
  int i = globalIndex();
  if (i < elements) {
    y[i] = factor * __ldg(x + i);
  }
}
