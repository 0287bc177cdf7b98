package io.elapid.collective;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What the messages of a {@link CompressedSum} have left out so far, in floats of native byte
 * order.
 *
 * @param ofRanks of each rank's own vectors, in rank order
 * @param ofSums of the sums; each owner of a segment keeps its part
 */
public record LeftOut(List<ByteBuffer> ofRanks, ByteBuffer ofSums) {

  /** Of vectors of {@code length} floats before the first sum. */
  static LeftOut none(int ranks, int length) {
    return new LeftOut(
        IntStream.range(0, ranks).mapToObj(rank -> CompressedSum.floats(length)).toList(),
        CompressedSum.floats(length));
  }
}
