// Convolutions in groups as matrix products whose right factor, the patches, is gathered on the way: tiles of 64 x 128
// by 256 threads of 4 x 8 products each, 16 terms at a time through shared memory. Kernels of 1x1 and 3x3 have divisors
// of known size. Terms are added in their order.
#include "activation.cuh"
#include "channels.cuh"
#include "convolution.cuh"

#define THREADS 256
#define ROWS 64
#define COLUMNS 128
#define DEPTH 16
// Threads side by side in rows and columns of a tile.
#define SIDE 16
// What a thread has of a tile; columns in two runs of four.
#define OWN_ROWS 4
#define OWN_COLUMNS 8

// Where a weight of a kernel reads. K = 0: any kernel.
template <int K>
struct Tap {
  int channel;
  int row;
  int column;

  __device__ __forceinline__ Tap(const ConvolutionSizes& s, int index) {
    const int width = K == 0 ? s.kernelWidth : K;
    const int size = (K == 0 ? s.kernelHeight : K) * width;
    channel = index / size;
    row = index % size / width * s.dilation;
    column = index % width * s.dilation;
  }
};

// A pixel of all samples' maps, numbered through.
struct Pixel {
  int sample;
  int row;
  int column;

  __device__ __forceinline__ Pixel(int index, int height, int width) {
    sample = index / (height * width);
    row = index / width % height;
    column = index % width;
  }
};

// 16 rows of a factor in shared memory; what threads have fetched goes there in the order in which they fetched it.
template <int WIDTH>
struct Panel {
  float values[DEPTH][WIDTH + 4];

  // A thread had one depth of several lines.
  template <int COUNT>
  __device__ __forceinline__ void putLines(const float (&from)[COUNT]) {
#pragma unroll
    for (int i = 0; i < COUNT; i++) {
      values[threadIdx.x % DEPTH][threadIdx.x / DEPTH + i * (THREADS / DEPTH)] = from[i];
    }
  }

  // A thread had several depths of one line.
  template <int COUNT>
  __device__ __forceinline__ void putDepths(const float (&from)[COUNT]) {
#pragma unroll
    for (int i = 0; i < COUNT; i++) {
      values[threadIdx.x / WIDTH + i * (THREADS / WIDTH)][threadIdx.x % WIDTH] = from[i];
    }
  }
};

typedef Panel<ROWS> LeftPanel;
typedef Panel<COLUMNS> RightPanel;

// Rows of a matrix whose terms lie one behind the other.
struct RowsOfWeights {
  const float* from;  // of the tile's first row
  int rows;
  int terms;

  __device__ __forceinline__ void fetch(int first, int end, float (&to)[OWN_ROWS]) const {
    int term = first + threadIdx.x % DEPTH;
#pragma unroll
    for (int i = 0; i < OWN_ROWS; i++) {
      int row = threadIdx.x / DEPTH + i * (THREADS / DEPTH);
      to[i] = row < rows && term < end ? __ldg(from + (size_t)row * terms + term) : 0.0f;
    }
  }

  __device__ __forceinline__ void put(LeftPanel& panel, const float (&values)[OWN_ROWS]) const {
    panel.putLines(values);
  }
};

// Weights of outputs (O, C, kernel) as rows of channels, whose terms are outputs and weights of the kernel.
template <int K>
struct TurnedWeights {
  const float* from;  // of the group
  int channel;        // the thread's own
  int channels;
  int size;           // weights of a kernel

  __device__ __forceinline__ void fetch(int first, int end, float (&to)[OWN_ROWS]) const {
    const int weights = K == 0 ? size : K * K;
#pragma unroll
    for (int i = 0; i < OWN_ROWS; i++) {
      int term = first + threadIdx.x / ROWS + i * (THREADS / ROWS);
      bool inside = channel < channels && term < end;
      size_t at = ((size_t)(term / weights) * channels + channel) * weights + term % weights;
      to[i] = inside ? __ldg(from + at) : 0.0f;
    }
  }

  __device__ __forceinline__ void put(LeftPanel& panel, const float (&values)[OWN_ROWS]) const {
    panel.putDepths(values);
  }
};

// What the thread's output pixel reads of x: its terms are channels and weights of the kernel.
template <int K>
struct Patches {
  const ConvolutionSizes& s;
  const float* from;
  bool inside;
  int row;
  int column;

  __device__ __forceinline__ Patches(const ConvolutionSizes& sizes, const float* x, int group, int index)
      : s(sizes), inside(index < sizes.batch * sizes.outputHeight * sizes.outputWidth) {
    Pixel pixel(inside ? index : 0, s.outputHeight, s.outputWidth);
    int first = pixel.sample * s.channels + group * (s.channels / s.groups);
    from = x + (size_t)first * s.height * s.width;
    row = pixel.row * s.strideHeight - s.paddingHeight;
    column = pixel.column * s.strideWidth - s.paddingWidth;
  }

  __device__ __forceinline__ void fetch(int first, int end, float (&to)[OWN_COLUMNS]) const {
#pragma unroll
    for (int i = 0; i < OWN_COLUMNS; i++) {
      int term = first + threadIdx.x / COLUMNS + i * (THREADS / COLUMNS);
      Tap<K> tap(s, term);
      int y = row + tap.row;
      int x = column + tap.column;
      bool there = inside && term < end && y >= 0 && y < s.height && x >= 0 && x < s.width;
      to[i] = there ? __ldg(from + ((size_t)tap.channel * s.height + y) * s.width + x) : 0.0f;
    }
  }

  __device__ __forceinline__ void put(RightPanel& panel, const float (&values)[OWN_COLUMNS]) const {
    panel.putDepths(values);
  }
};

// The derivatives that the thread's input pixel gets: their terms are outputs and weights of the kernel.
template <int K>
struct Readers {
  const ConvolutionSizes& s;
  const float* from;
  bool inside;
  int row;
  int column;

  __device__ __forceinline__ Readers(const ConvolutionSizes& sizes, const float* dy, int group, int index)
      : s(sizes), inside(index < sizes.batch * sizes.height * sizes.width) {
    Pixel pixel(inside ? index : 0, s.height, s.width);
    int first = pixel.sample * s.outputs + group * (s.outputs / s.groups);
    from = dy + (size_t)first * s.outputHeight * s.outputWidth;
    row = pixel.row + s.paddingHeight;
    column = pixel.column + s.paddingWidth;
  }

  __device__ __forceinline__ void fetch(int first, int end, float (&to)[OWN_COLUMNS]) const {
#pragma unroll
    for (int i = 0; i < OWN_COLUMNS; i++) {
      int term = first + threadIdx.x / COLUMNS + i * (THREADS / COLUMNS);
      Tap<K> tap(s, term);
      int y = row - tap.row;
      int x = column - tap.column;
      bool there = inside && term < end && y >= 0 && x >= 0;
      if (s.strideHeight != 1 || s.strideWidth != 1) {
        there = there && y % s.strideHeight == 0 && x % s.strideWidth == 0;
        y /= s.strideHeight;
        x /= s.strideWidth;
      }
      there = there && y < s.outputHeight && x < s.outputWidth;
      to[i] = there ? __ldg(from + ((size_t)tap.channel * s.outputHeight + y) * s.outputWidth + x) : 0.0f;
    }
  }

  __device__ __forceinline__ void put(RightPanel& panel, const float (&values)[OWN_COLUMNS]) const {
    panel.putDepths(values);
  }
};

// Rows of derivatives of outputs, whose terms are the pixels of all samples.
struct RowsOfDerivatives {
  const ConvolutionSizes& s;
  const float* from;  // of the tile's first row, of sample 0
  int rows;

  __device__ __forceinline__ void fetch(int first, int end, float (&to)[OWN_ROWS]) const {
    int term = first + threadIdx.x % DEPTH;
    int pixels = s.outputHeight * s.outputWidth;
    size_t at = (size_t)(term / pixels) * s.outputs * pixels + term % pixels;
#pragma unroll
    for (int i = 0; i < OWN_ROWS; i++) {
      int row = threadIdx.x / DEPTH + i * (THREADS / DEPTH);
      to[i] = row < rows && term < end ? __ldg(from + at + (size_t)row * pixels) : 0.0f;
    }
  }

  __device__ __forceinline__ void put(LeftPanel& panel, const float (&values)[OWN_ROWS]) const {
    panel.putLines(values);
  }
};

// What weights of a kernel read of x; their terms are the output pixels of all samples.
template <int K>
struct TurnedPatches {
  const ConvolutionSizes& s;
  const float* from;  // of the group's first channel, of sample 0
  int first;          // weight of the tile's first column
  int weights;

  __device__ __forceinline__ void fetch(int begin, int end, float (&to)[OWN_COLUMNS]) const {
    int term = begin + threadIdx.x % DEPTH;
    Pixel pixel(term, s.outputHeight, s.outputWidth);
    const float* sample = from + (size_t)pixel.sample * s.channels * s.height * s.width;
    int row = pixel.row * s.strideHeight - s.paddingHeight;
    int column = pixel.column * s.strideWidth - s.paddingWidth;
#pragma unroll
    for (int i = 0; i < OWN_COLUMNS; i++) {
      int weight = first + threadIdx.x / DEPTH + i * (THREADS / DEPTH);
      Tap<K> tap(s, weight);
      int y = row + tap.row;
      int x = column + tap.column;
      bool there = weight < weights && term < end && y >= 0 && y < s.height && x >= 0 && x < s.width;
      to[i] = there ? __ldg(sample + ((size_t)tap.channel * s.height + y) * s.width + x) : 0.0f;
    }
  }

  __device__ __forceinline__ void put(RightPanel& panel, const float (&values)[OWN_COLUMNS]) const {
    panel.putLines(values);
  }
};

// Row and column in the tile of what the thread has.
static __device__ __forceinline__ int ownRow(int i) { return threadIdx.x / SIDE * OWN_ROWS + i; }

static __device__ __forceinline__ int ownColumn(int j) {
  return j / 4 * (COLUMNS / 2) + threadIdx.x % SIDE * 4 + j % 4;
}

// Adds the products of the terms from `begin` on; the next 16 are fetched while those at hand are multiplied.
template <class Left, class Right>
static __device__ __forceinline__ void multiply(
    const Left& left, const Right& right, int begin, int end, float (&sums)[OWN_ROWS][OWN_COLUMNS]) {
  SHARED __align__(16) LeftPanel leftPanel;
  SHARED __align__(16) RightPanel rightPanel;
  float nextLeft[OWN_ROWS];
  float nextRight[OWN_COLUMNS];
#pragma unroll
  for (int i = 0; i < OWN_ROWS; i++) {
#pragma unroll
    for (int j = 0; j < OWN_COLUMNS; j++) {
      sums[i][j] = 0.0f;
    }
  }
  left.fetch(begin, end, nextLeft);
  right.fetch(begin, end, nextRight);
  for (int first = begin; first < end; first += DEPTH) {
    left.put(leftPanel, nextLeft);
    right.put(rightPanel, nextRight);
    __syncthreads();
    if (first + DEPTH < end) {
      left.fetch(first + DEPTH, end, nextLeft);
      right.fetch(first + DEPTH, end, nextRight);
    }
#pragma unroll
    for (int k = 0; k < DEPTH; k++) {
      float4 a = *(const float4*)&leftPanel.values[k][ownRow(0)];
      float4 b = *(const float4*)&rightPanel.values[k][ownColumn(0)];
      float4 c = *(const float4*)&rightPanel.values[k][ownColumn(4)];
      float rows[OWN_ROWS] = {a.x, a.y, a.z, a.w};
      float columns[OWN_COLUMNS] = {b.x, b.y, b.z, b.w, c.x, c.y, c.z, c.w};
#pragma unroll
      for (int i = 0; i < OWN_ROWS; i++) {
#pragma unroll
        for (int j = 0; j < OWN_COLUMNS; j++) {
          sums[i][j] += rows[i] * columns[j];
        }
      }
    }
    __syncthreads();
  }
}

// Writes a row's values to maps (batch, all channels, length), of which `map` is the row's in sample 0: four at a time
// where a map's length and the memory allow it.
static __device__ __forceinline__ void store(
    float* map, int channels, int length, int pixels, int firstColumn, const float (&values)[OWN_COLUMNS]) {
#pragma unroll
  for (int run = 0; run < OWN_COLUMNS; run += 4) {
    int pixel = firstColumn + ownColumn(run);
    size_t at = (size_t)(pixel / length) * channels * length + pixel % length;
    if (length % 4 == 0 && ((size_t)(map + at) & 15) == 0 && pixel + 3 < pixels) {
      float4 four;
      four.x = values[run];
      four.y = values[run + 1];
      four.z = values[run + 2];
      four.w = values[run + 3];
      *(float4*)(map + at) = four;
      continue;
    }
#pragma unroll
    for (int j = 0; j < 4; j++) {
      int next = pixel + j;
      if (next < pixels) {
        map[(size_t)(next / length) * channels * length + next % length] = values[run + j];
      }
    }
  }
}

// y = act(scale acc + shift); scale and shift may be null. Grid (tiles of pixels, tiles of outputs, groups).
template <int K>
static __device__ __forceinline__ void forward(
    const ConvolutionSizes& s, int activation, const float* x, const float* w, const float* scale, const float* shift,
    float* y) {
  int outputs = s.outputs / s.groups;
  int firstRow = blockIdx.y * ROWS;
  int firstColumn = blockIdx.x * COLUMNS;
  int firstOutput = blockIdx.z * outputs + firstRow;
  int terms = s.channels / s.groups * s.kernelHeight * s.kernelWidth;
  RowsOfWeights left = {w + (size_t)firstOutput * terms, outputs - firstRow, terms};
  Patches<K> right(s, x, blockIdx.z, firstColumn + threadIdx.x % COLUMNS);
  float sums[OWN_ROWS][OWN_COLUMNS];
  multiply(left, right, 0, terms, sums);
  int length = s.outputHeight * s.outputWidth;
#pragma unroll
  for (int i = 0; i < OWN_ROWS; i++) {
    if (firstRow + ownRow(i) < outputs) {
      int output = firstOutput + ownRow(i);
      float factor = scale ? __ldg(scale + output) : 1.0f;
      float addend = shift ? __ldg(shift + output) : 0.0f;
#pragma unroll
      for (int j = 0; j < OWN_COLUMNS; j++) {
        sums[i][j] = activate(activation, factor * sums[i][j] + addend);
      }
      store(y + (size_t)output * length, s.outputs, length, s.batch * length, firstColumn, sums[i]);
    }
  }
}

// Grid (tiles of input pixels, tiles of channels, groups).
template <int K>
static __device__ __forceinline__ void inputGradient(
    const ConvolutionSizes& s, const float* dy, const float* w, float* dx) {
  int channels = s.channels / s.groups;
  int outputs = s.outputs / s.groups;
  int size = s.kernelHeight * s.kernelWidth;
  int firstRow = blockIdx.y * ROWS;
  int firstColumn = blockIdx.x * COLUMNS;
  TurnedWeights<K> left = {
      w + (size_t)blockIdx.z * outputs * channels * size, firstRow + (int)threadIdx.x % ROWS, channels, size};
  Readers<K> right(s, dy, blockIdx.z, firstColumn + threadIdx.x % COLUMNS);
  float sums[OWN_ROWS][OWN_COLUMNS];
  multiply(left, right, 0, outputs * size, sums);
  int length = s.height * s.width;
#pragma unroll
  for (int i = 0; i < OWN_ROWS; i++) {
    int channel = firstRow + ownRow(i);
    if (channel < channels) {
      float* map = dx + (size_t)(blockIdx.z * channels + channel) * length;
      store(map, s.channels, length, s.batch * length, firstColumn, sums[i]);
    }
  }
}

// Of each share of the pixels of all samples: (shares, O, C, kernel). Grid (tiles of weights, tiles of outputs in each
// group, shares).
template <int K>
static __device__ __forceinline__ void weightGradient(
    const ConvolutionSizes& s, const float* dy, const float* x, float* dw) {
  int outputs = s.outputs / s.groups;
  int tiles = (outputs + ROWS - 1) / ROWS;
  int group = blockIdx.y / tiles;
  int firstRow = blockIdx.y % tiles * ROWS;
  int firstOutput = group * outputs + firstRow;
  int firstColumn = blockIdx.x * COLUMNS;
  int channels = s.channels / s.groups;
  int weights = channels * s.kernelHeight * s.kernelWidth;
  int length = s.outputHeight * s.outputWidth;
  long long pixels = (long long)s.batch * length;
  RowsOfDerivatives left = {s, dy + (size_t)firstOutput * length, outputs - firstRow};
  TurnedPatches<K> right = {s, x + (size_t)group * channels * s.height * s.width, firstColumn, weights};
  float sums[OWN_ROWS][OWN_COLUMNS];
  multiply(left, right, (int)(pixels * blockIdx.z / gridDim.z), (int)(pixels * (blockIdx.z + 1) / gridDim.z), sums);
#pragma unroll
  for (int i = 0; i < OWN_ROWS; i++) {
    if (firstRow + ownRow(i) < outputs) {
      float* row = dw + ((size_t)blockIdx.z * s.outputs + firstOutput + ownRow(i)) * weights;
#pragma unroll
      for (int j = 0; j < OWN_COLUMNS; j++) {
        if (firstColumn + ownColumn(j) < weights) {
          row[firstColumn + ownColumn(j)] = sums[i][j];
        }
      }
    }
  }
}

#define CONVOLUTION(K)                                                                                                \
  ENTRY(convolution_forward_##K, const ConvolutionSizes s, int activation, const float* x, const float* w,            \
        const float* scale, const float* shift, float* y) {                                                           \
    forward<K>(s, activation, x, w, scale, shift, y);                                                                 \
  }                                                                                                                   \
  ENTRY(convolution_input_gradient_##K, const ConvolutionSizes s, const float* dy, const float* w, float* dx) {       \
    inputGradient<K>(s, dy, w, dx);                                                                                   \
  }                                                                                                                   \
  ENTRY(convolution_weight_gradient_##K, const ConvolutionSizes s, const float* dy, const float* x, float* dw) {      \
    weightGradient<K>(s, dy, x, dw);                                                                                  \
  }

CONVOLUTION(0)
CONVOLUTION(1)
CONVOLUTION(3)

// Of each share of a channel's values their sum, (shares, C). Grid (C, shares).
ENTRY(convolution_bias_gradient, const Maps maps, const float* dy, float* sums) {
  SHARED float room[32];
  int channel = blockIdx.x;
  Share mine = share(maps);
  float sum = 0.0f;
  for (int v = mine.begin + (int)threadIdx.x; v < mine.end; v += blockDim.x) {
    sum += __ldg(dy + place(maps, channel, v));
  }
  sum = blockSum(sum, room);
  if (threadIdx.x == 0) {
    sums[blockIdx.y * maps.channels + channel] = sum;
  }
}
