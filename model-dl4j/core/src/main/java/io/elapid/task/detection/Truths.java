package io.elapid.task.detection;

import io.elapid.box.Boxes;
import io.elapid.box.PictureFrame;
import io.elapid.data.image.Size;
import io.elapid.data.loader.DetectionBatch.DetectionSample;
import io.elapid.data.target.Instance;
import java.util.Arrays;
import java.util.List;

/**
 * The objects to be found in one picture of a batch.
 *
 * @param boxes in the coordinates of the frame
 * @param labels class index of each
 * @param padded size that the picture is padded to by itself, whatever the frame
 */
record Truths(Boxes boxes, int[] labels, Size padded) {
  /**
   * Those of a sample.
   *
   * @throws IllegalArgumentException if one is of no class that a network of {@code classes} knows
   */
  static Truths of(DetectionSample sample, int classes) {
    List<Instance> wanted =
        sample.instances().list().stream()
            .filter(instance -> instance.role() == Instance.Role.WANTED)
            .toList();
    for (Instance instance : wanted) {
      if (instance.label() < 0 || instance.label() >= classes) {
        throw new IllegalArgumentException(
            "%s shows an object of class %d; the network knows %d"
                .formatted(sample.id(), instance.label(), classes));
      }
    }
    return new Truths(
        Boxes.of(wanted.stream().map(Instance::box).toList()),
        wanted.stream().mapToInt(Instance::label).toArray(),
        sample.geometry().padded());
  }

  /** At most so many objects. */
  Truths first(int count) {
    return boxes.size() <= count
        ? this
        : new Truths(boxes.first(count), Arrays.copyOf(labels, count), padded);
  }

  /** Where the picture lies in its row of the batch. */
  static PictureFrame picture(DetectionSample sample) {
    return new PictureFrame(
        sample.content().width(),
        sample.content().height(),
        (float) sample.geometry().scaleX(),
        (float) sample.geometry().scaleY());
  }
}
