// Kernels with mistakes, which the tests expect to be found.
#include "elapid.cuh"

// Reads what a neighbour writes, without a barrier between.
ENTRY(planted_race, float* to) {
  extern __shared__ float shared[];
  shared[threadIdx.x] = threadIdx.x;
  to[threadIdx.x] = shared[(threadIdx.x + 1) % blockDim.x];
}

// All blocks write the same element.
ENTRY(planted_block_race, float* to) { to[0] = blockIdx.x; }

// Writes one element too many.
ENTRY(planted_out_of_bounds, float* to, int elements) { to[threadIdx.x * elements] = 1.0f; }

// Reads one element too many, which only AddressSanitizer sees.
ENTRY(planted_read_out_of_bounds, float* to, int elements) { to[0] = to[threadIdx.x * elements]; }

// Writes more shared memory than it was given.
ENTRY(planted_shared_out_of_bounds, float* to) {
  extern __shared__ float shared[];
  shared[threadIdx.x] = 1.0f;
  __syncthreads();
  to[threadIdx.x] = shared[0];
}

// Only some threads come to the barrier.
ENTRY(planted_divergence, float* to) {
  if (threadIdx.x < 5) {
    __syncthreads();
  }
  to[threadIdx.x] = 1.0f;
}
