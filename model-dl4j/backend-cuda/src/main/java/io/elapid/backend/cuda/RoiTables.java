package io.elapid.backend.cuda;

import io.elapid.kernel.Roi;
import io.elapid.kernel.RoiPooling;
import io.elapid.kernel.RoiWeights;
import io.elapid.kernel.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Where regions lie on the levels of a pyramid and what pixels count in their bins, as {@code
 * roi_align.cu} reads it.
 */
final class RoiTables {
  private static final int PADDING = -1;
  private static final int BROKEN = -2;

  private final List<Integer> places = new ArrayList<>();
  private final List<Integer> bins = new ArrayList<>();
  private final List<Float> weights = new ArrayList<>();
  private final List<List<List<Integer>>> regions = new ArrayList<>();

  /**
   * Of regions {@code (R, 5)}.
   *
   * @throws IllegalArgumentException if one is of a picture that there is not
   */
  RoiTables(List<Tensor> levels, Tensor rois, RoiPooling pooling) {
    int images = levels.get(0).dim(0);
    for (int level = 0; level < levels.size(); level++) {
      List<List<Integer>> ofImages = new ArrayList<>();
      for (int image = 0; image < images; image++) {
        ofImages.add(new ArrayList<>());
      }
      regions.add(ofImages);
    }
    for (int row = 0; row < rois.dim(0); row++) {
      if (Roi.isBroken(rois, row)) {
        none(BROKEN, pooling);
        continue;
      }
      Roi roi = Roi.of(rois, row, images);
      if (roi.isPadding()) {
        none(PADDING, pooling);
        continue;
      }
      int level = pooling.level(roi, levels.size());
      Tensor map = levels.get(level);
      RoiWeights rows = RoiWeights.of(pooling.rows(roi, level), pooling.height(), map.dim(2));
      RoiWeights columns = RoiWeights.of(pooling.columns(roi, level), pooling.width(), map.dim(3));
      places.addAll(
          List.of(level, roi.image(), rows.begin(), rows.end(), columns.begin(), columns.end()));
      add(rows);
      add(columns);
      regions.get(level).get(roi.image()).add(row);
    }
  }

  private void none(int why, RoiPooling pooling) {
    places.addAll(List.of(why, 0, 0, 0, 0, 0));
    for (int i = 0; i < pooling.height() + pooling.width(); i++) {
      bins.addAll(List.of(0, 0, 0));
    }
  }

  private void add(RoiWeights axis) {
    for (int bin = 0; bin < axis.bins(); bin++) {
      bins.addAll(List.of(axis.first()[bin], axis.count(bin), weights.size()));
      for (int i = 0; i < axis.count(bin); i++) {
        weights.add((float) axis.weights()[axis.offset()[bin] + i]);
      }
    }
  }

  /** The structs RoiPlace. */
  ByteBuffer places() {
    return ints(places);
  }

  /** The structs RoiBin. */
  ByteBuffer bins() {
    return ints(bins);
  }

  ByteBuffer weights() {
    float[] numbers = new float[weights.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = weights.get(i);
    }
    return Numbers.floats(numbers);
  }

  /** The regions on a level, image after image. */
  ByteBuffer list(int level) {
    return ints(regions.get(level).stream().flatMap(List::stream).toList());
  }

  /** Where each image's regions on a level begin in their list, and where the last one's end. */
  ByteBuffer starts(int level) {
    List<Integer> starts = new ArrayList<>();
    int at = 0;
    starts.add(at);
    for (List<Integer> ofImage : regions.get(level)) {
      at += ofImage.size();
      starts.add(at);
    }
    return ints(starts);
  }

  private static ByteBuffer ints(List<Integer> numbers) {
    return Numbers.ints(numbers.stream().mapToInt(Integer::intValue).toArray());
  }
}
