package io.elapid.task.evaluation;

/**
 * What came of one class's detections in one picture: all that the measures need.
 *
 * @param label class index
 * @param wanted how many objects were to be found, by {@link AreaRange}
 * @param scores of the detections, falling; at most {@link DetectionLimits#MOST}
 * @param flags for each area range one word per detection, range by range: bit t says that it found
 *     an object at overlap t, bit {@value #IGNORED} + t that it does not count there
 */
record ClassMatches(int label, int[] wanted, double[] scores, int[] flags) {
  static final int IGNORED = 16;

  ClassMatches {
    if (wanted.length != AreaRange.COUNT || flags.length != wanted.length * scores.length) {
      throw new IllegalArgumentException(
          "%d counts and %d flags for %d detections"
              .formatted(wanted.length, flags.length, scores.length));
    }
  }

  int flags(AreaRange range, int detection) {
    return flags[range.index() * scores.length + detection];
  }
}
