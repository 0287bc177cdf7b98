// Affine maps, and products of the matrices of samples; formulas in LinearKernel and MatrixProductKernel. Grids of
// products: (tiles of columns, tiles of rows, samples).
#include "products.cuh"

// Counts of the product's rows, columns and terms.
struct ProductSizes {
  int rows;
  int columns;
  int terms;
};

// Where a factor's element of a term lies, by what its lanes have side by side; `other` is its row or column.
template <Side SIDE>
static __device__ __forceinline__ unsigned factorPlace(int other, int term, int others, int terms) {
  return SIDE == TERMS ? (unsigned)other * terms + term : (unsigned)term * others + other;
}

// to = rows' factor times columns' factor plus, if there is one, each column's bias.
template <int R, Side OF_COLUMNS, Side OF_ROWS>
static __device__ __forceinline__ void product(
    const ProductSizes& s, const float* rowFactor, const float* columnFactor, const float* bias, float* to,
    float* room) {
  Tiles t = tiles<R>(room);
  rowFactor += (size_t)blockIdx.z * s.rows * s.terms;
  columnFactor += (size_t)blockIdx.z * s.terms * s.columns;
  to += (size_t)blockIdx.z * s.rows * s.columns;
  int firstColumn = blockIdx.x * COLUMNS;
  int firstRow = blockIdx.y * R * WARPS;
  float sums[R][2] = {};
  for (int first = 0; first < s.terms; first += DEPTH) {
    fillChunk<R, OF_COLUMNS, OF_ROWS>(
        t,
        [&](int term, int column) {
          unsigned place = factorPlace<OF_COLUMNS>(firstColumn + column, first + term, s.columns, s.terms);
          return loadOr0(columnFactor, place, firstColumn + column < s.columns && first + term < s.terms);
        },
        [&](int row, int term) {
          unsigned place = factorPlace<OF_ROWS>(firstRow + row, first + term, s.rows, s.terms);
          return loadOr0(rowFactor, place, firstRow + row < s.rows && first + term < s.terms);
        });
    __syncthreads();
    addProducts<R>(t, min(DEPTH, s.terms - first), sums);
    __syncthreads();
  }
#pragma unroll
  for (int half = 0; half < 2; half++) {
    int column = firstColumn + t.lane + half * LANES;
    if (column < s.columns) {
      float shift = bias == nullptr ? 0.0f : __ldg(bias + column);
#pragma unroll
      for (int i = 0; i < R; i++) {
        int row = firstRow + t.warp + i * WARPS;
        if (row < s.rows) {
          to[(size_t)row * s.columns + column] = sums[i][half] + shift;
        }
      }
    }
  }
}

// By how factors of columns and of rows lie: the gradients of a product are products too.
#define DEFINE_PRODUCTS(R)                                                                                     \
  TILE_ENTRY(product_terms_terms_##R, const ProductSizes s, const float* rowFactor, const float* columnFactor, \
             const float* bias, float* to) {                                                                   \
    extern __shared__ __align__(16) float shared[];                                                            \
    product<R, TERMS, TERMS>(s, rowFactor, columnFactor, bias, to, shared);                                    \
  }                                                                                                            \
  TILE_ENTRY(product_others_terms_##R, const ProductSizes s, const float* rowFactor,                           \
             const float* columnFactor, float* to) {                                                           \
    extern __shared__ __align__(16) float shared[];                                                            \
    product<R, OTHERS, TERMS>(s, rowFactor, columnFactor, nullptr, to, shared);                                \
  }                                                                                                            \
  TILE_ENTRY(product_others_others_##R, const ProductSizes s, const float* rowFactor,                          \
             const float* columnFactor, float* to) {                                                           \
    extern __shared__ __align__(16) float shared[];                                                            \
    product<R, OTHERS, OTHERS>(s, rowFactor, columnFactor, nullptr, to, shared);                               \
  }

DEFINE_PRODUCTS(2)
DEFINE_PRODUCTS(8)

// dbias: a block sums 32 outputs, its warps share the samples.
ENTRY(bias_gradient, int batch, int outputs, const float* dy, float* dbias) {
  SHARED float room[WARPS][LANES];
  int warp = threadIdx.x / LANES;
  int lane = threadIdx.x % LANES;
  int output = blockIdx.x * LANES + lane;
  float sum = 0.0f;
  if (output < outputs) {
#pragma unroll 4
    for (int sample = warp; sample < batch; sample += WARPS) {
      sum += __ldg(dy + (size_t)sample * outputs + output);
    }
  }
  room[warp][lane] = sum;
  __syncthreads();
  if (warp == 0 && output < outputs) {
    float all = 0.0f;
#pragma unroll
    for (int i = 0; i < WARPS; i++) {
      all += room[i][lane];
    }
    dbias[output] = all;
  }
}
