package io.elapid.job;

import io.elapid.data.InputException;
import io.elapid.data.image.ImageCodec;
import io.elapid.data.image.UnreadableImageException;
import io.elapid.data.shard.Sample;
import io.elapid.data.target.ClassTarget;
import io.elapid.data.target.LabelMapTarget;
import io.elapid.data.target.ObjectAnnotation;
import io.elapid.data.target.ObjectTarget;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What is in a picture, in words. */
public final class SampleWords {
  private SampleWords() {}

  /**
   * The class of a picture, its objects, or the classes that cover most of it.
   *
   * @param names of classes by index
   */
  public static String of(Sample sample, List<String> names) throws UnreadableImageException {
    if (sample.target() instanceof ClassTarget target) {
      return names.get(target.label());
    }
    if (sample.target() instanceof ObjectTarget target) {
      Map<String, Long> objects =
          target.annotations().stream()
              .map(ObjectAnnotation::label)
              .filter(label -> label >= 0)
              .collect(
                  Collectors.groupingBy(names::get, LinkedHashMap::new, Collectors.counting()));
      return objects.isEmpty()
          ? "no objects"
          : objects.entrySet().stream()
              .map(e -> e.getValue() == 1 ? e.getKey() : e.getKey() + " x " + e.getValue())
              .collect(Collectors.joining(", "));
    }
    long[] histogram =
        ImageCodec.decodeLabels(((LabelMapTarget) sample.target()).png()).histogram();
    List<Integer> labels = new ArrayList<>();
    for (int label = 0; label < names.size(); label++) {
      if (histogram[label + 1] > 0) {
        labels.add(label);
      }
    }
    labels.sort(Comparator.comparingLong((Integer label) -> -histogram[label + 1]));
    return labels.isEmpty()
        ? "no class"
        : labels.stream().limit(4).map(names::get).collect(Collectors.joining(", "));
  }

  /** What to say of a sample whose files cannot be decoded. */
  public static InputException unreadable(Sample sample, UnreadableImageException e) {
    return new InputException(
        "sample " + sample.id() + " is unreadable: " + e.getMessage(),
        "elapid verify lists all that is wrong with the data set",
        e);
  }
}
