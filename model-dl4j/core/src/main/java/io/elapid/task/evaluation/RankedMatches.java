package io.elapid.task.evaluation;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The detections of one class over all pictures, by falling score; equal ones in the order of the
 * pictures.
 *
 * @param wanted how many objects were to be found, by {@link AreaRange}
 * @param places of each among the detections of its picture, from 0
 * @param flags of each, for each area range, as {@link ClassMatches#flags}
 */
record RankedMatches(long[] wanted, int[] places, int[][] flags) {

  static RankedMatches of(List<ClassMatches> pictures) {
    AreaRange[] ranges = AreaRange.values();
    int total = pictures.stream().mapToInt(p -> p.scores().length).sum();
    long[] wanted = new long[AreaRange.COUNT];
    double[] scores = new double[total];
    int[] picture = new int[total];
    int[] place = new int[total];
    int filled = 0;
    for (int p = 0; p < pictures.size(); p++) {
      ClassMatches matches = pictures.get(p);
      for (int r = 0; r < AreaRange.COUNT; r++) {
        wanted[r] += matches.wanted()[r];
      }
      for (int d = 0; d < matches.scores().length; d++) {
        scores[filled] = matches.scores()[d];
        picture[filled] = p;
        place[filled++] = d;
      }
    }
    int[] order =
        IntStream.range(0, total)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> -scores[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    int[] places = new int[total];
    int[][] flags = new int[AreaRange.COUNT][total];
    for (int i = 0; i < total; i++) {
      places[i] = place[order[i]];
      for (AreaRange range : ranges) {
        flags[range.index()][i] = pictures.get(picture[order[i]]).flags(range, places[i]);
      }
    }
    return new RankedMatches(wanted, places, flags);
  }
}
