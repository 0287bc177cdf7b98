// Matrix products in tiles. A block of eight warps makes a tile of 8 R rows and 64 columns, a warp every eighth row and
// a lane two columns of each. Factors go through shared memory in chunks, read without bank conflicts: columns by lanes
// side by side, rows by all lanes of a warp alike.
#pragma once

#include "elapid.cuh"

#define WARPS 8
#define COLUMNS (2 * LANES)
// Terms of a chunk, at most.
#define DEPTH LANES
// From one term's columns to the next: odd, for lanes to write columns as well as terms.
#define COLUMN_STRIDE (COLUMNS + 1)
// From one row's terms to the next: fours of them are read, and eight rows' fours are in banks of their own.
#define ROW_STRIDE (DEPTH + 4)
// Terms that are multiplied at once.
#define FOUR 4

// Shared memory of a block, and which thread of it this is.
struct Tiles {
  float* columns;
  float* rows;
  // Behind them, what the kernel wants room for.
  int* rest;
  int warp;
  int lane;
};

template <int R>
static __device__ __forceinline__ Tiles tiles(float* room) {
  Tiles t;
  t.columns = room;
  t.rows = t.columns + DEPTH * COLUMN_STRIDE;
  t.rest = (int*)(t.rows + R * WARPS * ROW_STRIDE);
  t.warp = threadIdx.x / LANES;
  t.lane = threadIdx.x % LANES;
  return t;
}

// from[i], 0 where there is none: always a load, so that all loads of a chunk may be under way at once.
static __device__ __forceinline__ float loadOr0(const float* from, unsigned i, bool isThere) {
  float value = __ldg(from + (isThere ? i : 0));
  return isThere ? value : 0.0f;
}

// What lanes have side by side in a chunk of a factor, as it lies side by side in memory.
enum Side { TERMS, OTHERS };

// Fills a chunk with column(term, column) and row(row, term), which are 0 where there are none. Nothing is stored until
// all is loaded: the compiler keeps loads from shared memory, where kernels look things up, behind stores to it.
template <int R, Side OF_COLUMNS, Side OF_ROWS, class Column, class Row>
static __device__ __forceinline__ void fillChunk(const Tiles& t, Column column, Row row) {
  const int PASSES = COLUMNS / WARPS;
  float columns[PASSES];
  float rows[R];
#pragma unroll
  for (int i = 0; i < PASSES; i++) {
    columns[i] = OF_COLUMNS == TERMS ? column(t.lane, t.warp + i * WARPS)
                                     : column(t.warp + i / 2 * WARPS, t.lane + i % 2 * LANES);
  }
  // Eight rows, which are a sector, by four terms, where rows are side by side.
  int term = OF_ROWS == TERMS ? t.lane : t.warp * FOUR + t.lane % FOUR;
  int firstRow = OF_ROWS == TERMS ? t.warp : t.lane / FOUR;
#pragma unroll
  for (int i = 0; i < R; i++) {
    rows[i] = row(firstRow + i * WARPS, term);
  }
#pragma unroll
  for (int i = 0; i < PASSES; i++) {
    int at = OF_COLUMNS == TERMS ? t.lane * COLUMN_STRIDE + t.warp + i * WARPS
                                 : (t.warp + i / 2 * WARPS) * COLUMN_STRIDE + t.lane + i % 2 * LANES;
    t.columns[at] = columns[i];
  }
#pragma unroll
  for (int i = 0; i < R; i++) {
    t.rows[(firstRow + i * WARPS) * ROW_STRIDE + term] = rows[i];
  }
}

// Adds the products of a chunk; `terms` are rounded up to fours. Row i of a thread is warp + i WARPS of the tile.
template <int R>
static __device__ __forceinline__ void addProducts(const Tiles& t, int terms, float (&sums)[R][2]) {
  const float* columns = t.columns + t.lane;
  const float* rows = t.rows + t.warp * ROW_STRIDE;
#pragma unroll 1
  for (int term = 0; term < terms; term += FOUR) {
    float a[FOUR];
    float b[FOUR];
#pragma unroll
    for (int j = 0; j < FOUR; j++) {
      a[j] = columns[(term + j) * COLUMN_STRIDE];
      b[j] = columns[(term + j) * COLUMN_STRIDE + LANES];
    }
#pragma unroll
    for (int i = 0; i < R; i++) {
      float4 row = *(const float4*)(rows + i * WARPS * ROW_STRIDE + term);
      sums[i][0] += row.x * a[0];
      sums[i][0] += row.y * a[1];
      sums[i][0] += row.z * a[2];
      sums[i][0] += row.w * a[3];
      sums[i][1] += row.x * b[0];
      sums[i][1] += row.y * b[1];
      sums[i][1] += row.z * b[2];
      sums[i][1] += row.w * b[3];
    }
  }
}

// Brings results into shared memory, a column's rows together, for lanes to write them side by side; behind a barrier.
template <int R>
static __device__ __forceinline__ void stageColumns(const Tiles& t, const float (&sums)[R][2], float* room) {
#pragma unroll
  for (int i = 0; i < R; i++) {
    int row = t.warp + i * WARPS;
    room[t.lane * (R * WARPS + 1) + row] = sums[i][0];
    room[(t.lane + LANES) * (R * WARPS + 1) + row] = sums[i][1];
  }
  __syncthreads();
}

// Entries whose threads may have 80 registers.
#define TILE_ENTRY(...) BOUNDED_ENTRY(WARPS * LANES, 3, __VA_ARGS__)

// Entries for tiles of 8, 16, 24, 40 and 64 rows.
#define FOR_ROWS(DEFINE) DEFINE(1) DEFINE(2) DEFINE(3) DEFINE(5) DEFINE(8)
