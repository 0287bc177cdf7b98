package io.elapid.task.evaluation;

import io.elapid.data.image.Size;
import io.elapid.data.target.ObjectAnnotation;
import io.elapid.data.target.ObjectTarget;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Compares detections with what is annotated, picture by picture, as COCO does.
 *
 * <p>A picture's detections are matched when they are added; kept of them are scores and match
 * flags, some twenty bytes for each, never masks. Shares of ranks {@linkplain #merge merge} in any
 * order, and the results are bitwise those of one evaluator that saw every picture. Not safe for
 * use by several threads.
 */
public final class CocoEvaluator {
  private static final int MAX_CLASSES = 1 << 16;

  private final IouType type;
  private final ClassGrouping grouping;
  private final int classes;
  private final SortedMap<Long, List<ClassMatches>> pictures = new TreeMap<>();

  /** Nothing compared yet. */
  public CocoEvaluator(IouType type, ClassGrouping grouping, int classes) {
    if (classes < 1 || classes > MAX_CLASSES) {
      throw new IllegalArgumentException(
          "a detector has 1 to %d classes, not %d".formatted(MAX_CLASSES, classes));
    }
    this.type = type;
    this.grouping = grouping;
    this.classes = classes;
  }

  /**
   * Compares one picture. Pictures without objects or without detections have to be added too.
   *
   * @param truth all that is annotated, whether trained on or not
   * @param picture size that its annotators saw
   * @param found in any order, in pixels of the original picture; of equal scores the earlier goes
   *     first. Only the best {@value DetectionLimits#MOST} of a class are looked at
   * @throws IllegalArgumentException if the picture was added before, a class is unknown, or masks
   *     are compared and a detection has none of the picture's size
   */
  public void add(ObjectTarget truth, Size picture, List<Detection> found) {
    List<List<ObjectAnnotation>> objects = empty();
    truth.annotations().stream()
        .filter(annotation -> annotation.label() >= 0 && annotation.label() < classes)
        .sorted(Comparator.comparingInt(ObjectAnnotation::label))
        .forEach(annotation -> objects.get(group(annotation.label())).add(annotation));
    List<List<Detection>> detections = empty();
    found.forEach(detection -> requireUsable(detection, picture));
    found.stream()
        .sorted(Comparator.comparingInt(Detection::label))
        .forEach(detection -> detections.get(group(detection.label())).add(detection));
    List<ClassMatches> matches = new ArrayList<>();
    for (int group = 0; group < groups(); group++) {
      if (!objects.get(group).isEmpty() || !detections.get(group).isEmpty()) {
        matches.add(
            ImageMatcher.match(type, group, picture, objects.get(group), detections.get(group)));
      }
    }
    put(truth.imageId(), matches);
  }

  private void requireUsable(Detection detection, Size picture) {
    if (detection.label() >= classes) {
      throw new IllegalArgumentException(
          "a detection of class %d of %d".formatted(detection.label(), classes));
    }
    boolean fits =
        detection
            .mask()
            .filter(m -> m.width() == picture.width() && m.height() == picture.height())
            .isPresent();
    if (type == IouType.SEGM && !fits) {
      throw new IllegalArgumentException(
          "a detection without a mask of %d x %d".formatted(picture.width(), picture.height()));
    }
  }

  private <T> List<List<T>> empty() {
    List<List<T>> lists = new ArrayList<>();
    for (int i = 0; i < groups(); i++) {
      lists.add(new ArrayList<>());
    }
    return lists;
  }

  private int group(int label) {
    return grouping == ClassGrouping.BY_CLASS ? label : 0;
  }

  int groups() {
    return grouping == ClassGrouping.BY_CLASS ? classes : 1;
  }

  void put(long imageId, List<ClassMatches> matches) {
    if (pictures.putIfAbsent(imageId, List.copyOf(matches)) != null) {
      throw new IllegalArgumentException("picture " + imageId + " was evaluated twice");
    }
  }

  /**
   * Adds what another rank has compared.
   *
   * @throws IllegalArgumentException if it compared otherwise, or a picture that was compared here
   */
  public void merge(CocoEvaluator other) {
    if (other.type != type || other.grouping != grouping || other.classes != classes) {
      throw new IllegalArgumentException(
          "results of %s %s for %d classes and of %s %s for %d classes"
              .formatted(type, grouping, classes, other.type, other.grouping, other.classes));
    }
    other.pictures.forEach(this::put);
  }

  public IouType type() {
    return type;
  }

  public int classes() {
    return classes;
  }

  /** Number of pictures compared. */
  public long count() {
    return pictures.size();
  }

  /** The measures of all pictures so far. */
  public CocoResults results(DetectionLimits limits) {
    return new CocoAccumulator(this, limits).results();
  }

  /** What was found of each picture, by rising id. */
  Map<Long, List<ClassMatches>> pictures() {
    return Collections.unmodifiableSortedMap(pictures);
  }

  ClassGrouping grouping() {
    return grouping;
  }

  /** Everything, in a form that {@link #fromBytes} reads; the same whatever the order of adding. */
  public byte[] toBytes() {
    return MatchesCodec.encode(this);
  }

  /**
   * What {@link #toBytes} wrote, here or on another rank.
   *
   * @throws IllegalArgumentException if it is something else, or damaged
   */
  public static CocoEvaluator fromBytes(byte[] bytes) {
    return MatchesCodec.decode(bytes);
  }
}
