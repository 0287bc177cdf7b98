// Non-maximum suppression. Boxes come best first, those of a kind behind one another. In two launches: who would suppress
// whom, as bits; then, word after word of 64 boxes, who is left. All in double and in the host's order of operations,
// rounded one by one, so that both keep the same boxes.
#include "elapid.cuh"

#define WORD 64

typedef unsigned long long Word;

struct SuppressionSizes {
  int boxes;
  int words;
};

struct SuppressionBox {
  float x1;
  float y1;
  float x2;
  float y2;
};

static __device__ __forceinline__ double areaOf(const SuppressionBox& box) {
  return __dmul_rn(__dsub_rn(box.x2, box.x1), __dsub_rn(box.y2, box.y1));
}

// A NaN among the corners makes an area NaN, and the comparison false.
static __device__ __forceinline__ bool overlaps(const SuppressionBox& a, const SuppressionBox& b, double threshold) {
  double width = __dsub_rn(fmin((double)a.x2, (double)b.x2), fmax((double)a.x1, (double)b.x1));
  double height = __dsub_rn(fmin((double)a.y2, (double)b.y2), fmax((double)a.y1, (double)b.y1));
  double common = __dmul_rn(fmax(0.0, width), fmax(0.0, height));
  return common > __dmul_rn(threshold, __dsub_rn(__dadd_rn(areaOf(a), areaOf(b)), common));
}

// A block of 64 threads for each pair of words: a thread compares its box, of word y, with those of word x behind it.
ENTRY(suppression_masks, const SuppressionSizes s, const SuppressionBox* boxes, const int* kinds, const double* threshold,
      Word* masks) {
  SHARED SuppressionBox others[WORD];
  SHARED int otherKinds[WORD];
  int column = blockIdx.x * WORD;
  int row = blockIdx.y * WORD + threadIdx.x;
  if (blockIdx.x < blockIdx.y) {
    return;
  }
  int mine = min(column + (int)threadIdx.x, s.boxes - 1);
  others[threadIdx.x] = boxes[mine];
  otherKinds[threadIdx.x] = __ldg(kinds + mine);
  __syncthreads();
  if (row >= s.boxes) {
    return;
  }
  SuppressionBox box = boxes[row];
  int kind = __ldg(kinds + row);
  double most = __ldg(threshold);
  Word bits = 0;
  for (int j = max(0, row + 1 - column); j < min(WORD, s.boxes - column); j++) {
    if (otherKinds[j] == kind && overlaps(box, others[j], most)) {
      bits |= (Word)1 << j;
    }
  }
  masks[(size_t)row * s.words + blockIdx.x] = bits;
}

// One block. Shared memory has a word for each word of boxes, those that are gone and later those that are kept, and one for
// each box of the word at hand, those of the same word that it suppresses.
ENTRY(suppression_sweep, const SuppressionSizes s, const Word* masks, float* kept) {
  extern __shared__ float shared[];
  Word* left = (Word*)shared;
  Word* inside = left + s.words;
  for (int w = threadIdx.x; w < s.words; w += blockDim.x) {
    left[w] = 0;
  }
  for (int w = 0; w < s.words; w++) {
    int first = w * WORD;
    int count = min(WORD, s.boxes - first);
    if ((int)threadIdx.x < count) {
      inside[threadIdx.x] = __ldg(masks + (size_t)(first + threadIdx.x) * s.words + w);
    }
    __syncthreads();
    if (threadIdx.x == 0) {
      Word gone = left[w];
      Word keep = 0;
      for (int j = 0; j < count; j++) {
        if ((gone >> j & 1) == 0) {
          keep |= (Word)1 << j;
          gone |= inside[j];
        }
      }
      left[w] = keep;
    }
    __syncthreads();
    Word keep = left[w];
    for (int v = w + 1 + threadIdx.x; v < s.words; v += blockDim.x) {
      Word gone = left[v];
      for (int j = 0; j < count; j++) {
        if ((keep >> j & 1) != 0) {
          gone |= __ldg(masks + (size_t)(first + j) * s.words + v);
        }
      }
      left[v] = gone;
    }
  }
  for (int i = threadIdx.x; i < s.boxes; i += blockDim.x) {
    kept[i] = left[i / WORD] >> i % WORD & 1 ? 1.0f : 0.0f;
  }
}
