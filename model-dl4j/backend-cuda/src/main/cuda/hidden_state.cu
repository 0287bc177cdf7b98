// Hidden states of HSM-SSD; formulas in HiddenStateKernel. x: (B, C, L); b, dt, w, q: (B, N, L); h, dh: (B, C, N).
#include "elapid.cuh"

#define TILE 32
#define ROWS 8

struct HiddenSizes {
  int channels;
  int states;
  int length;
};

// w = softmax over l of dt + a. A warp for each state of each sample: grid (states, samples).
ENTRY(hidden_weights, const HiddenSizes s, const float* dt, const float* a, float* w) {
  size_t start = ((size_t)blockIdx.y * s.states + blockIdx.x) * s.length;
  float shift = __ldg(a + blockIdx.x);
  float largest = LOWEST;
  for (int l = threadIdx.x; l < s.length; l += LANES) {
    largest = fmaxf(largest, __ldg(dt + start + l) + shift);
  }
  largest = warpMax(largest);
  float sum = 0.0f;
  for (int l = threadIdx.x; l < s.length; l += LANES) {
    sum += expf(__ldg(dt + start + l) + shift - largest);
  }
  sum = warpSum(sum);
  for (int l = threadIdx.x; l < s.length; l += LANES) {
    w[start + l] = expf(__ldg(dt + start + l) + shift - largest) / sum;
  }
}

// Products of matrices, to[i, j] = sum over r of left(i, r) right(r, j), in tiles: a block of 32 x 8 threads has 32 x 32
// results. Factors are read through functions, so that products of elements need no memory of their own.
template <class Left, class Right>
static __device__ __forceinline__ void product(
    int rows, int columns, int inner, const Left& left, const Right& right, float* to) {
  SHARED float lefts[TILE][TILE + 1];
  SHARED float rights[TILE][TILE + 1];
  int x = threadIdx.x % TILE;
  int y = threadIdx.x / TILE;
  int row0 = blockIdx.x * TILE;
  int column0 = blockIdx.y * TILE;
  float sums[TILE / ROWS] = {};
  for (int r0 = 0; r0 < inner; r0 += TILE) {
    for (int i = y; i < TILE; i += ROWS) {
      lefts[i][x] = row0 + i < rows && r0 + x < inner ? left(row0 + i, r0 + x) : 0.0f;
      rights[i][x] = r0 + i < inner && column0 + x < columns ? right(r0 + i, column0 + x) : 0.0f;
    }
    __syncthreads();
    for (int r = 0; r < TILE; r++) {
      float factor = rights[r][x];
#pragma unroll
      for (int i = 0; i < TILE / ROWS; i++) {
        sums[i] += lefts[y + i * ROWS][r] * factor;
      }
    }
    __syncthreads();
  }
#pragma unroll
  for (int i = 0; i < TILE / ROWS; i++) {
    int row = row0 + y + i * ROWS;
    if (row < rows && column0 + x < columns) {
      to[(size_t)row * columns + column0 + x] = sums[i];
    }
  }
}

// An element of a matrix, or with two factors the product of theirs.
struct Matrix {
  const float* at;
  int width;
  __device__ __forceinline__ float operator()(int i, int j) const { return __ldg(at + (size_t)i * width + j); }
};

struct Transposed {
  const float* at;
  int width;
  __device__ __forceinline__ float operator()(int i, int j) const { return __ldg(at + (size_t)j * width + i); }
};

struct Weighted {
  const float* at;
  const float* weights;
  int width;
  __device__ __forceinline__ float operator()(int i, int j) const {
    size_t k = (size_t)i * width + j;
    return __ldg(at + k) * __ldg(weights + k);
  }
};

struct WeightedTransposed {
  Weighted of;
  __device__ __forceinline__ float operator()(int i, int j) const { return of(j, i); }
};

// h = x (w b)^T. Grid (blocks of channels, blocks of states, samples).
ENTRY(hidden_state, const HiddenSizes s, const float* x, const float* b, const float* w, float* h) {
  size_t steps = (size_t)blockIdx.z * s.states * s.length;
  Matrix left = {x + (size_t)blockIdx.z * s.channels * s.length, s.length};
  WeightedTransposed right = {{b + steps, w + steps, s.length}};
  product(s.channels, s.states, s.length, left, right, h + (size_t)blockIdx.z * s.channels * s.states);
}

// dx = dh (w b). Grid (blocks of channels, blocks of positions, samples).
ENTRY(hidden_dx, const HiddenSizes s, const float* dh, const float* b, const float* w, float* dx) {
  size_t steps = (size_t)blockIdx.z * s.states * s.length;
  Matrix left = {dh + (size_t)blockIdx.z * s.channels * s.states, s.states};
  Weighted right = {b + steps, w + steps, s.length};
  product(s.channels, s.length, s.states, left, right, dx + (size_t)blockIdx.z * s.channels * s.length);
}

// q = dh^T x. Grid (blocks of states, blocks of positions, samples).
ENTRY(hidden_q, const HiddenSizes s, const float* dh, const float* x, float* q) {
  Transposed left = {dh + (size_t)blockIdx.z * s.channels * s.states, s.states};
  Matrix right = {x + (size_t)blockIdx.z * s.channels * s.length, s.length};
  product(s.states, s.length, s.channels, left, right, q + (size_t)blockIdx.z * s.states * s.length);
}

// db, ddt, and each sample's share of da, (samples, states). A warp for each state of each sample.
ENTRY(hidden_rows, const HiddenSizes s, const float* q, const float* b, const float* w, float* db, float* ddt,
      float* da) {
  size_t start = ((size_t)blockIdx.y * s.states + blockIdx.x) * s.length;
  float dot = 0.0f;
  for (int l = threadIdx.x; l < s.length; l += LANES) {
    dot += __ldg(w + start + l) * __ldg(q + start + l) * __ldg(b + start + l);
  }
  dot = warpSum(dot);
  float sum = 0.0f;
  for (int l = threadIdx.x; l < s.length; l += LANES) {
    float weight = __ldg(w + start + l);
    float product = __ldg(q + start + l);
    float gradient = weight * (product * __ldg(b + start + l) - dot);
    db[start + l] = product * weight;
    ddt[start + l] = gradient;
    sum += gradient;
  }
  sum = warpSum(sum);
  if (threadIdx.x == 0) {
    da[blockIdx.y * s.states + blockIdx.x] = sum;
  }
}
