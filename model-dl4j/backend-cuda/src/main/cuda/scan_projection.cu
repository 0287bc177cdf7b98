// Forward pass of scan projections; formulas in ScanProjectionKernel.
#include "scan_projection.cuh"

// [r ; b ; c] of each step: rows are the projection's, columns are tokens, terms are channels.
// Grid: (tiles of tokens, tiles of rows, directions).
template <int R>
static __device__ __forceinline__ void project(
    const ProjectionSizes& s, const int2* table, const float* x, const float* xProj, float* r, float* b, float* c,
    float* room) {
  Tiles t = tiles<R>(room);
  Tokens tile = tokens(t);
  int direction = blockIdx.z;
  int firstRow = blockIdx.y * R * WARPS;
  int rows = min(R * WARPS, s.rows() - firstRow);
  findTokens(s, table, direction, blockIdx.x * COLUMNS, s.tokens(), COLUMNS, tile);
  __syncthreads();
  const float* weights = xProj + ((size_t)direction * s.rows() + firstRow) * s.channels;
  float sums[R][2] = {};
  for (int first = 0; first < s.channels; first += DEPTH) {
    int terms = min(DEPTH, s.channels - first);
    fillChunk<R, OTHERS, TERMS>(
        t,
        [&](int term, int token) {
          int place = tile.places[token];
          return loadOr0(x, place + (unsigned)(first + term) * s.positions, place >= 0 && term < terms);
        },
        [&](int row, int term) {
          return loadOr0(weights, (unsigned)row * s.channels + first + term, row < rows && term < terms);
        });
    __syncthreads();
    addProducts<R>(t, terms, sums);
    __syncthreads();
  }
  stageColumns<R>(t, sums, room);
  for (int token = t.warp; token < COLUMNS && tile.steps[token] >= 0; token += WARPS) {
    size_t step = tile.steps[token];
    for (int i = t.lane; i < rows; i += LANES) {
      float value = room[token * (R * WARPS + 1) + i];
      int row = firstRow + i;
      if (row < s.rank) {
        r[step * s.rank + row] = value;
      } else if (row < s.rank + s.states) {
        b[step * s.states + row - s.rank] = value;
      } else {
        c[step * s.states + row - s.rank - s.states] = value;
      }
    }
  }
}

#define DEFINE_PROJECT(R)                                                                                      \
  TILE_ENTRY(scan_project_##R, const ProjectionSizes s, const int2* table, const float* x, const float* xProj, \
             float* r, float* b, float* c) {                                                                   \
    extern __shared__ __align__(16) float shared[];                                                            \
    project<R>(s, table, x, xProj, r, b, c, shared);                                                           \
  }

FOR_ROWS(DEFINE_PROJECT)

// delta of each step: rows are tokens, columns are channels, terms are those of r. Grid: (tiles of tokens, tiles of
// channels, directions).
TILE_ENTRY(scan_project_steps, const ProjectionSizes s, const int2* table, const float* r, const float* dtWeight,
           float* delta) {
  extern __shared__ __align__(16) float shared[];
  const int R = COLUMNS / WARPS;
  Tiles t = tiles<R>(shared);
  Tokens tile = tokens(t);
  int direction = blockIdx.z;
  int firstChannel = blockIdx.y * COLUMNS;
  int channels = s.channels - firstChannel;
  findTokens(s, table, direction, blockIdx.x * COLUMNS, s.tokens(), COLUMNS, tile);
  __syncthreads();
  const float* weights = dtWeight + ((size_t)direction * s.channels + firstChannel) * s.rank;
  float sums[R][2] = {};
  for (int first = 0; first < s.rank; first += DEPTH) {
    int terms = min(DEPTH, s.rank - first);
    fillChunk<R, TERMS, TERMS>(
        t,
        [&](int term, int channel) {
          return loadOr0(weights, (unsigned)channel * s.rank + first + term, channel < channels && term < terms);
        },
        [&](int token, int term) {
          int step = tile.steps[token];
          return loadOr0(r, (unsigned)step * s.rank + first + term, step >= 0 && term < terms);
        });
    __syncthreads();
    addProducts<R>(t, terms, sums);
    __syncthreads();
  }
#pragma unroll
  for (int i = 0; i < R; i++) {
    int step = tile.steps[t.warp + i * WARPS];
    if (step >= 0) {
      float* to = delta + (size_t)step * s.channels + firstChannel;
#pragma unroll
      for (int half = 0; half < 2; half++) {
        int channel = t.lane + half * LANES;
        if (channel < channels) {
          to[channel] = sums[i][half];
        }
      }
    }
  }
}
