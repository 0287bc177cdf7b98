// What the kernels share. The same text is compiled by NVRTC, by nvcc and, over the tests' emulation, by g++.
#pragma once

#define LANES 32
#define ALL_LANES 0xffffffffu

#ifndef ENTRY
#define ENTRY(name, ...) extern "C" __global__ void name(__VA_ARGS__)
// One that is to have no more registers than so many blocks of so many threads on a multiprocessor leave it.
#define BOUNDED_ENTRY(threads, blocks, name, ...) \
  extern "C" __global__ void __launch_bounds__(threads, blocks) name(__VA_ARGS__)
#endif

// Shared memory of a size that is known; that of the launch is declared as extern __shared__ float shared[].
#ifndef SHARED
#define SHARED __shared__
#endif

#define LOWEST -3.402823466e+38f
#define LOG2_E 1.4426950408889634f
// What the float above lacks.
#define LOG2_E_REST 1.925963e-08f
#define LN_2 0.6931471805599453f

static __device__ __forceinline__ float sigmoid(float x) { return 1.0f / (1.0f + expf(-x)); }

// Sum over the lanes of a warp, in every lane; all lanes must come here.
static __device__ __forceinline__ float warpSum(float value) {
#pragma unroll
  for (int bit = LANES / 2; bit > 0; bit /= 2) {
    value += __shfl_xor_sync(ALL_LANES, value, bit);
  }
  return value;
}

static __device__ __forceinline__ float warpMax(float value) {
#pragma unroll
  for (int bit = LANES / 2; bit > 0; bit /= 2) {
    value = fmaxf(value, __shfl_xor_sync(ALL_LANES, value, bit));
  }
  return value;
}

// Sum over a one-dimensional block of whole warps, in every thread, always in the same order; `room` holds a float for
// each warp. All threads must come here.
static __device__ __forceinline__ float blockSum(float value, float* room) {
  value = warpSum(value);
  int warp = threadIdx.x / LANES;
  if (threadIdx.x % LANES == 0) {
    room[warp] = value;
  }
  __syncthreads();
  float sum = 0.0f;
  for (int i = 0; i < (int)blockDim.x / LANES; i++) {
    sum += room[i];
  }
  __syncthreads();
  return sum;
}

// The thread's number in a launch of one dimension; counts of elements stay below 2^31.
static __device__ __forceinline__ int globalIndex() { return blockIdx.x * blockDim.x + threadIdx.x; }
