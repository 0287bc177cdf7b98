// Gradient of scan projections; formulas in ScanProjectionKernel.
#include "scan_projection.cuh"

// q = [dr ; db ; dc] of each step, (B, K, L, R + 2 N): rows are those of dr, columns are tokens, terms are channels.
// Grid: (tiles of tokens, tiles of rows, directions).
template <int R>
static __device__ __forceinline__ void stepGradients(
    const ProjectionSizes& s, const int2* table, const float* ddelta, const float* db, const float* dc,
    const float* dtWeight, float* q, float* room) {
  Tiles t = tiles<R>(room);
  Tokens tile = tokens(t);
  int direction = blockIdx.z;
  int firstRow = blockIdx.y * R * WARPS;
  int rows = min(R * WARPS, s.rank - firstRow);
  findTokens(s, table, direction, blockIdx.x * COLUMNS, s.tokens(), COLUMNS, tile);
  __syncthreads();
  const float* weights = dtWeight + (size_t)direction * s.channels * s.rank + firstRow;
  float sums[R][2] = {};
  for (int first = 0; first < s.channels; first += DEPTH) {
    int terms = min(DEPTH, s.channels - first);
    fillChunk<R, TERMS, OTHERS>(
        t,
        [&](int term, int token) {
          int step = tile.steps[token];
          return loadOr0(ddelta, (unsigned)step * s.channels + first + term, step >= 0 && term < terms);
        },
        [&](int row, int term) {
          return loadOr0(weights, (unsigned)(first + term) * s.rank + row, row < rows && term < terms);
        });
    __syncthreads();
    addProducts<R>(t, terms, sums);
    __syncthreads();
  }
  stageColumns<R>(t, sums, room);
  for (int token = t.warp; token < COLUMNS && tile.steps[token] >= 0; token += WARPS) {
    size_t step = tile.steps[token];
    float* to = q + step * s.rows();
#pragma unroll 1
    for (int i = t.lane; i < rows; i += LANES) {
      to[firstRow + i] = room[token * (R * WARPS + 1) + i];
    }
    if (blockIdx.y == 0) {
#pragma unroll 1
      for (int i = t.lane; i < s.states; i += LANES) {
        to[s.rank + i] = __ldg(db + step * s.states + i);
        to[s.rank + s.states + i] = __ldg(dc + step * s.states + i);
      }
    }
  }
}

#define DEFINE_STEP_GRADIENTS(R)                                                                               \
  TILE_ENTRY(scan_project_q_##R, const ProjectionSizes s, const int2* table, const float* ddelta,              \
             const float* db, const float* dc, const float* dtWeight, float* q) {                              \
    extern __shared__ __align__(16) float shared[];                                                            \
    stepGradients<R>(s, table, ddelta, db, dc, dtWeight, q, shared);                                           \
  }

FOR_ROWS(DEFINE_STEP_GRADIENTS)

// dx: rows are channels, columns are tokens, terms are rows of q. Where directions share the map, `sharing` of them are
// added, for all of which token i of a sample is at position i; else it is 1, and only a direction's own tokens read
// their positions. Grid: (tiles of tokens, tiles of channels, directions / sharing).
TILE_ENTRY(scan_project_map, const ProjectionSizes s, int sharing, const int2* table, const float* q,
           const float* xProj, float* dx) {
  extern __shared__ __align__(16) float shared[];
  const int R = COLUMNS / WARPS;
  Tiles t = tiles<R>(shared);
  Tokens tile = tokens(t);
  int firstChannel = blockIdx.y * COLUMNS;
  int channels = s.channels - firstChannel;
  float sums[R][2] = {};
  for (int k = 0; k < sharing; k++) {
    int direction = blockIdx.z * sharing + k;
    findTokens(s, table, direction, blockIdx.x * COLUMNS, s.tokens(), COLUMNS, tile);
    __syncthreads();
    const float* weights = xProj + (size_t)direction * s.rows() * s.channels + firstChannel;
    for (int first = 0; first < s.rows(); first += DEPTH) {
      int terms = min(DEPTH, s.rows() - first);
      fillChunk<R, TERMS, OTHERS>(
          t,
          [&](int term, int token) {
            int step = tile.steps[token];
            return loadOr0(q, (unsigned)step * s.rows() + first + term, step >= 0 && term < terms);
          },
          [&](int channel, int term) {
            return loadOr0(
                weights, (unsigned)(first + term) * s.channels + channel, channel < channels && term < terms);
          });
      __syncthreads();
      addProducts<R>(t, terms, sums);
      __syncthreads();
    }
  }
#pragma unroll
  for (int half = 0; half < 2; half++) {
    int place = tile.places[t.lane + half * LANES];
#pragma unroll
    for (int i = 0; i < R; i++) {
      int channel = t.warp + i * WARPS;
      if (place >= 0 && channel < channels) {
        dx[place + (size_t)(firstChannel + channel) * s.positions] = sums[i][half];
      }
    }
  }
}

// Of the sums over tokens, which are cut into shares: this block's, and its tile.
struct SumPart {
  int direction;
  int share;
  int begin;
  int end;
  int firstChannel;
  int channels;
  int firstRow;
  int rows;
};

template <int R>
static __device__ __forceinline__ SumPart sumPart(const ProjectionSizes& s, int shares, int rows) {
  SumPart p;
  int channelTiles = (s.channels + COLUMNS - 1) / COLUMNS;
  p.direction = blockIdx.z;
  p.share = blockIdx.x / channelTiles;
  p.begin = (long long)s.tokens() * p.share / shares;
  p.end = (long long)s.tokens() * (p.share + 1) / shares;
  p.firstChannel = blockIdx.x % channelTiles * COLUMNS;
  p.channels = s.channels - p.firstChannel;
  p.firstRow = blockIdx.y * R * WARPS;
  p.rows = min(R * WARPS, rows - p.firstRow);
  return p;
}

// Sums over a part's tokens, chunk by chunk: `fill` brings a chunk's factors of so many tokens.
template <int R, class Fill>
static __device__ __forceinline__ void sumTokens(
    const ProjectionSizes& s, const int2* table, const SumPart& p, const Tiles& t, const Tokens& tile,
    float (&sums)[R][2], Fill fill) {
  findTokens(s, table, p.direction, p.begin, p.end, DEPTH, tile);
  __syncthreads();
  for (int first = p.begin; first < p.end; first += DEPTH) {
    fill();
    __syncthreads();
    addProducts<R>(t, min(DEPTH, p.end - first), sums);
    // What the table had is in the tiles by now.
    findTokens(s, table, p.direction, first + DEPTH, p.end, DEPTH, tile);
    __syncthreads();
  }
}

// A share of dxProj, (shares, K, R + 2 N, D): rows are those of q, columns are channels, terms are tokens.
// Grid: (tiles of channels times shares, tiles of rows, directions).
template <int R>
static __device__ __forceinline__ void weightSums(
    const ProjectionSizes& s, int shares, const int2* table, const float* q, const float* x, float* dxProj,
    float* room) {
  Tiles t = tiles<R>(room);
  Tokens tile = tokens(t);
  SumPart p = sumPart<R>(s, shares, s.rows());
  float sums[R][2] = {};
  sumTokens<R>(s, table, p, t, tile, sums, [&]() {
    fillChunk<R, TERMS, OTHERS>(
        t,
        [&](int token, int channel) {
          int place = tile.places[token];
          return loadOr0(
              x, place + (unsigned)(p.firstChannel + channel) * s.positions, place >= 0 && channel < p.channels);
        },
        [&](int row, int token) {
          int step = tile.steps[token];
          return loadOr0(q, (unsigned)step * s.rows() + p.firstRow + row, step >= 0 && row < p.rows);
        });
  });
  float* to = dxProj
      + (((size_t)p.share * s.directions + p.direction) * s.rows() + p.firstRow) * s.channels + p.firstChannel;
#pragma unroll
  for (int i = 0; i < R; i++) {
    int row = t.warp + i * WARPS;
#pragma unroll
    for (int half = 0; half < 2; half++) {
      int channel = t.lane + half * LANES;
      if (row < p.rows && channel < p.channels) {
        to[(size_t)row * s.channels + channel] = sums[i][half];
      }
    }
  }
}

#define DEFINE_WEIGHT_SUMS(R)                                                                                  \
  TILE_ENTRY(scan_project_weights_##R, const ProjectionSizes s, int shares, const int2* table, const float* q, \
             const float* x, float* dxProj) {                                                                  \
    extern __shared__ __align__(16) float shared[];                                                            \
    weightSums<R>(s, shares, table, q, x, dxProj, shared);                                                     \
  }

FOR_ROWS(DEFINE_WEIGHT_SUMS)

// A share of ddtWeight, (shares, K, D, R): rows are those of r, columns are channels, terms are tokens. The same grid.
template <int R>
static __device__ __forceinline__ void stepSums(
    const ProjectionSizes& s, int shares, const int2* table, const float* ddelta, const float* r, float* ddtWeight,
    float* room) {
  Tiles t = tiles<R>(room);
  Tokens tile = tokens(t);
  SumPart p = sumPart<R>(s, shares, s.rank);
  float sums[R][2] = {};
  sumTokens<R>(s, table, p, t, tile, sums, [&]() {
    fillChunk<R, OTHERS, OTHERS>(
        t,
        [&](int token, int channel) {
          int step = tile.steps[token];
          return loadOr0(
              ddelta, (unsigned)step * s.channels + p.firstChannel + channel, step >= 0 && channel < p.channels);
        },
        [&](int row, int token) {
          int step = tile.steps[token];
          return loadOr0(r, (unsigned)step * s.rank + p.firstRow + row, step >= 0 && row < p.rows);
        });
  });
  float* to =
      ddtWeight + (((size_t)p.share * s.directions + p.direction) * s.channels + p.firstChannel) * s.rank + p.firstRow;
#pragma unroll
  for (int i = 0; i < R; i++) {
    int row = t.warp + i * WARPS;
#pragma unroll
    for (int half = 0; half < 2; half++) {
      int channel = t.lane + half * LANES;
      if (row < p.rows && channel < p.channels) {
        to[(size_t)channel * s.rank + row] = sums[i][half];
      }
    }
  }
}

#define DEFINE_STEP_SUMS(R)                                                                                    \
  TILE_ENTRY(scan_project_rank_weights_##R, const ProjectionSizes s, int shares, const int2* table,            \
             const float* ddelta, const float* r, float* ddtWeight) {                                          \
    extern __shared__ __align__(16) float shared[];                                                            \
    stepSums<R>(s, shares, table, ddelta, r, ddtWeight, shared);                                               \
  }

FOR_ROWS(DEFINE_STEP_SUMS)
