// Adds slices element by element, always in the same order: to[i] = sum over s of from[s * elements + i].
#include "storage.cuh"

STORED_ENTRY(sum_slices, const float* from, int slices, long long elements, Stored* to) {
  long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
  if (i < elements) {
    float sum = 0.0f;
    for (int s = 0; s < slices; s++) {
      sum += __ldg(from + s * elements + i);
    }
    writeStored(to + i, sum);
  }
}
