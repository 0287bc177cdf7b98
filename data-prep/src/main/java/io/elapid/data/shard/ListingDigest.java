package io.elapid.data.shard;

import io.elapid.data.SplitMix;
import io.elapid.data.source.Listed;
import io.elapid.data.source.ListedAnnotation;
import io.elapid.data.source.SampleRef;
import io.elapid.data.target.ObjectAnnotation;
import io.elapid.data.target.Segmentation;
import java.util.Arrays;
import java.util.stream.LongStream;

/**
 * A number that tells two listings apart: the sum over what was found, so that any number of tasks
 * in any order comes to the same.
 */
public final class ListingDigest {
  private ListingDigest() {}

  /** The share of one thing found. */
  public static long of(Listed found) {
    long id = SampleHash.of(found.id(), 0);
    if (found instanceof SampleRef ref) {
      long path = SampleHash.of(ref.path() + " " + ref.target(), 1);
      return SplitMix.derive(id, path, ref.offset(), ref.length());
    }
    if (found instanceof ListedAnnotation annotation) {
      ObjectAnnotation a = annotation.annotation();
      return SplitMix.derive(
          id,
          found.order(),
          a.id(),
          a.categoryId(),
          a.label(),
          a.crowd().ordinal(),
          of(a.segmentation()),
          Double.doubleToLongBits(a.x()),
          Double.doubleToLongBits(a.y()),
          Double.doubleToLongBits(a.width()),
          Double.doubleToLongBits(a.height()),
          Double.doubleToLongBits(a.area()));
    }
    return SplitMix.derive(id, found.order());
  }

  private static long of(Segmentation segmentation) {
    if (segmentation instanceof Segmentation.Polygons polygons) {
      return SplitMix.derive(
          1,
          polygons.rings().stream()
              .flatMapToLong(
                  ring ->
                      LongStream.concat(
                          LongStream.of(ring.length),
                          Arrays.stream(ring).mapToLong(Double::doubleToLongBits)))
              .toArray());
    }
    if (segmentation instanceof Segmentation.RunLength runs) {
      return SplitMix.derive(2, Arrays.stream(runs.counts()).asLongStream().toArray());
    }
    return 0;
  }
}
