// Moves blocks of channels between maps.
#include "elapid.cuh"

// Where the samples of a block of channels lie: the first, and from one to the next.
struct Block {
  int start;
  int stride;
};

// `length` elements of each sample; a thread for each element.
ENTRY(channel_copy, int count, int length, const Block source, const Block target, const float* from, float* to) {
  int i = globalIndex();
  if (i < count) {
    size_t sample = i / length;
    int element = i % length;
    to[sample * target.stride + target.start + element] =
        __ldg(from + sample * source.stride + source.start + element);
  }
}
