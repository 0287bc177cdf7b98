// Lets g++ compile the .cu files of this module: what of CUDA C++ they use, on fibres. See emulation.cpp.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

struct Index3 {
  unsigned x, y, z;
};
extern Index3 threadIdx, blockIdx, blockDim, gridDim;

#define __device__
#define __shared__
#define SHARED static
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(...)
#define __align__(...)

struct alignas(8) float2 {
  float x, y;
};

struct alignas(8) int2 {
  int x, y;
};
inline int2 make_int2(int x, int y) { return {x, y}; }

struct alignas(16) float4 {
  float x, y, z, w;
};

namespace emulation {
/// Waits for all threads of the block.
void blockBarrier();
/// Waits for all lanes of the warp; the value that lane `lane ^ mask` has brought along.
uint64_t exchange(uint64_t value, int mask);
/// Calls a kernel with the values that its parameters' addresses hold.
using Trampoline = void (*)(void* kernel, void** parameters);
void add(const char* name, void* kernel, Trampoline trampoline, const size_t* sizes, int count);

struct Registration {
  template <class... A>
  Registration(const char* name, void (*kernel)(A...)) {
    static const size_t sizes[] = {sizeof(A)...};
    add(name, reinterpret_cast<void*>(kernel), &call<A...>, sizes, sizeof...(A));
  }

  template <class... A>
  static void call(void* kernel, void** parameters) {
    spread<A...>(kernel, parameters, std::index_sequence_for<A...>());
  }

  template <class... A, size_t... I>
  static void spread(void* kernel, void** parameters, std::index_sequence<I...>) {
    reinterpret_cast<void (*)(A...)>(kernel)(*static_cast<A*>(parameters[I])...);
  }
};
}  // namespace emulation

// The name may be a macro's, as those of storage.cuh are.
#define ENTRY(name, ...) NAMED_ENTRY(name, __VA_ARGS__)
#define NAMED_ENTRY(name, ...)                                              \
  extern "C" void name(__VA_ARGS__);                                        \
  static emulation::Registration registration_##name(#name, &name);         \
  extern "C" void name(__VA_ARGS__)

#define BOUNDED_ENTRY(threads, blocks, ...) ENTRY(__VA_ARGS__)

inline void __syncthreads() { emulation::blockBarrier(); }

inline void __syncwarp() { emulation::exchange(0, 0); }

template <class T>
inline T __shfl_xor_sync(unsigned, T value, int mask) {
  static_assert(sizeof(T) <= sizeof(uint64_t), "one register or two");
  uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof(T));
  bits = emulation::exchange(bits, mask);
  std::memcpy(&value, &bits, sizeof(T));
  return value;
}

template <class T>
inline T __ldg(const T* at) {
  return *at;
}

inline float __uint_as_float(unsigned bits) {
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

inline unsigned __float_as_uint(float value) {
  unsigned bits;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}

// Conversions that the device has instructions for, here the compiler's own.
inline float halfToFloat(unsigned short bits) {
  _Float16 half;
  std::memcpy(&half, &bits, sizeof(half));
  return half;
}

inline unsigned short floatToHalf(float value) {
  auto half = static_cast<_Float16>(value);
  unsigned short bits;
  std::memcpy(&bits, &half, sizeof(bits));
  return bits;
}

// Never contracted: the host's compiler gets no fused multiply-add to do it with.
inline double __dmul_rn(double a, double b) { return a * b; }
inline double __dadd_rn(double a, double b) { return a + b; }
inline double __dsub_rn(double a, double b) { return a - b; }

inline int min(int a, int b) { return a < b ? a : b; }
inline int max(int a, int b) { return a > b ? a : b; }
