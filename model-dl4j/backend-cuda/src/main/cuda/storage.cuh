// What tensors are kept as in device memory, where that may be less than what is computed with, which is float32. A
// source that says STORED_ENTRY is compiled once for each kind of storage: STORAGE is its type, SUFFIX what its entries'
// names end with.
#pragma once

#include "elapid.cuh"

struct Float16 {
  unsigned short bits;
};

struct BFloat16 {
  unsigned short bits;
};

#ifndef STORAGE
#define STORAGE float
#define SUFFIX
#endif

typedef STORAGE Stored;

#define JOIN_PASTED(a, b) a##b
#define JOIN(a, b) JOIN_PASTED(a, b)

#define STORED_ENTRY(name, ...) ENTRY(JOIN(name, SUFFIX), __VA_ARGS__)
#define STORED_BOUNDED_ENTRY(threads, blocks, name, ...) \
  BOUNDED_ENTRY(threads, blocks, JOIN(name, SUFFIX), __VA_ARGS__)

static __device__ __forceinline__ float readStored(const float* from) { return __ldg(from); }

static __device__ __forceinline__ float readStored(const Float16* from) {
  unsigned short bits = __ldg(&from->bits);
#ifdef __CUDA_ARCH__
  float value;
  asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(bits));
  return value;
#else
  return halfToFloat(bits);
#endif
}

static __device__ __forceinline__ float readStored(const BFloat16* from) {
  return __uint_as_float((unsigned)__ldg(&from->bits) << 16);
}

static __device__ __forceinline__ void writeStored(float* to, float value) { *to = value; }

// To the nearest, ties to even.
static __device__ __forceinline__ void writeStored(Float16* to, float value) {
#ifdef __CUDA_ARCH__
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(to->bits) : "f"(value));
#else
  to->bits = floatToHalf(value);
#endif
}

// To the nearest, ties to even; what is no number stays none.
static __device__ __forceinline__ void writeStored(BFloat16* to, float value) {
  unsigned bits = __float_as_uint(value);
  unsigned rounded = bits + 0x7fffu + (bits >> 16 & 1u);
  to->bits = (unsigned short)((value == value ? rounded : bits | 0x400000u) >> 16);
}

// Whether something is kept in float32: always, or where it is a part of a sum that is yet to be added up.
static __device__ __forceinline__ bool isFloat(int part) { return sizeof(Stored) == sizeof(float) || part != 0; }
