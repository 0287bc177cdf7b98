// Between floats in unified memory and what is stored of them.
#include "storage.cuh"

STORED_ENTRY(narrow, long long elements, const float* from, Stored* to) {
  long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
  if (i < elements) {
    writeStored(to + i, __ldg(from + i));
  }
}

STORED_ENTRY(widen, long long elements, const Stored* from, float* to) {
  long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
  if (i < elements) {
    to[i] = readStored(from + i);
  }
}
