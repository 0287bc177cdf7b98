package io.elapid.config;

import com.typesafe.config.Config;
import io.elapid.data.target.TargetKind;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** What must hold between the transforms of a recipe. */
final class TransformRules {
  private static final String TRAIN = "data.train-transforms";
  private static final String EVALUATE = "data.eval-transforms";

  private final Recipe recipe;
  private final Config source;
  private final Problems problems;

  TransformRules(Recipe recipe, Config source, Problems problems) {
    this.recipe = recipe;
    this.source = source;
    this.problems = problems;
  }

  void check() {
    List<TransformSpec> train = recipe.data().trainTransforms();
    List<TransformSpec> evaluate = recipe.data().evalTransforms();
    require(
        TRAIN,
        () -> inStages(train),
        "random-erasing and then batch-mix come last, at most one of each");
    require(
        EVALUATE,
        () -> evaluate.stream().allMatch(t -> stage(t) == 0),
        "random-erasing and batch-mix are for training only");
    for (int i = 0; i < train.size(); i++) {
      ordered(TRAIN, i, train.get(i));
    }
    Set<TargetKind> kinds = kinds(TRAIN, train);
    kinds.retainAll(kinds(EVALUATE, evaluate));
    require(
        EVALUATE,
        () -> problems.mentions(TRAIN) || !kinds.isEmpty(),
        "are for another kind of data set than " + TRAIN);
    TargetKind task = recipe.task().type().kind();
    // transforms for any data set are for that of the task
    if (kinds.contains(task)
        ? task == TargetKind.CLASSIFICATION
        : kinds.contains(TargetKind.CLASSIFICATION)) {
      fixedSize(TRAIN, train);
      fixedSize(EVALUATE, evaluate);
    } else {
      arranged(TRAIN, train);
      arranged(EVALUATE, evaluate);
    }
  }

  private void fixedSize(String path, List<TransformSpec> transforms) {
    require(
        path,
        () -> endsAtImageSize(transforms, false),
        "needs random-resized-crop or center-crop, and no resize behind it, so that all pictures of a batch have one size");
    for (int i = 0; i < transforms.size(); i++) {
      plainChoice(path, i, transforms.get(i));
    }
  }

  private static boolean endsAtImageSize(List<TransformSpec> transforms, boolean before) {
    boolean fixed = before;
    for (TransformSpec transform : transforms) {
      boolean now = fixed;
      if (transform instanceof TransformSpec.RandomResizedCrop
          || transform instanceof TransformSpec.CenterCrop) {
        fixed = true;
      } else if (transform instanceof TransformSpec.Resize) {
        fixed = false;
      } else if (transform instanceof TransformSpec.RandomChoice choice) {
        fixed = choice.branches().stream().allMatch(branch -> endsAtImageSize(branch, now));
      }
    }
    return fixed;
  }

  /** The kinds of data sets that all transforms are for; all, where something is wrong. */
  private Set<TargetKind> kinds(String path, List<TransformSpec> transforms) {
    Set<TargetKind> common = EnumSet.allOf(TargetKind.class);
    for (int i = 0; i < transforms.size(); i++) {
      if (problems.mentions(path)) {
        return EnumSet.allOf(TargetKind.class);
      }
      Set<TargetKind> kinds = kinds(path, i, transforms.get(i));
      Set<TargetKind> both = EnumSet.copyOf(common);
      both.retainAll(kinds);
      String told = "[" + i + "] " + Keys.of(transforms.get(i).getClass()) + " is for ";
      if (both.isEmpty()) {
        problems.add(
            source, path, told + names(kinds) + ", but what stands before it for " + names(common));
        return EnumSet.allOf(TargetKind.class);
      }
      common = both;
    }
    return common;
  }

  private Set<TargetKind> kinds(String path, int index, TransformSpec transform) {
    try {
      return Transforms.kinds(transform);
    } catch (IllegalArgumentException e) {
      problems.add(source, path, "[" + index + "] " + e.getMessage());
      return EnumSet.allOf(TargetKind.class);
    }
  }

  private static String names(Set<TargetKind> kinds) {
    return kinds.isEmpty()
        ? "no kind of data set"
        : String.join(
            " and ", kinds.stream().sorted().map(k -> k.name().toLowerCase(Locale.ROOT)).toList());
  }

  private static boolean inStages(List<TransformSpec> transforms) {
    int last = 0;
    for (TransformSpec transform : transforms) {
      int stage = stage(transform);
      if (stage < last || (stage > 0 && stage == last)) {
        return false;
      }
      last = stage;
    }
    return true;
  }

  /** Pictures, normalised pictures, batches. */
  private static int stage(TransformSpec transform) {
    if (transform instanceof TransformSpec.BatchMix) {
      return 2;
    }
    return transform instanceof TransformSpec.RandomErasing ? 1 : 0;
  }

  /** Where transforms of objects and pixels have to stand. */
  private void arranged(String path, List<TransformSpec> transforms) {
    boolean floats = false;
    boolean padded = false;
    for (int i = 0; i < transforms.size(); i++) {
      TransformSpec transform = transforms.get(i);
      boolean pads = isPad(transform);
      boolean flips = transform instanceof TransformSpec.HorizontalFlip;
      String name = "[" + i + "] " + Keys.of(transform.getClass());
      boolean fits = !padded && (!floats || pads || flips);
      require(
          path,
          () -> fits,
          name + " must stand before " + (padded ? "padding" : "photometric-distortion"));
      int index = i;
      require(
          path,
          () -> !(transform instanceof TransformSpec.ReduceZeroLabel) || index == 0,
          name + " must stand first: what follows counts labels");
      plainChoice(path, i, transform);
      padded |= pads;
      floats |= transform instanceof TransformSpec.PhotometricDistortion;
    }
  }

  /** What works on normalised pictures and on batches would not be done within a choice. */
  private void plainChoice(String path, int index, TransformSpec transform) {
    require(
        path,
        () -> !(transform instanceof TransformSpec.RandomChoice choice) || isPlain(choice),
        "[" + index + "] random-choice cannot choose what has to stand first or last");
  }

  private static boolean isPad(TransformSpec transform) {
    return transform instanceof TransformSpec.Pad || transform instanceof TransformSpec.PadSquare;
  }

  private static boolean isPlain(TransformSpec.RandomChoice choice) {
    return choice.branches().stream()
        .flatMap(List::stream)
        .noneMatch(
            t ->
                isPad(t)
                    || t instanceof TransformSpec.PhotometricDistortion
                    || t instanceof TransformSpec.ReduceZeroLabel
                    || stage(t) > 0
                    || (t instanceof TransformSpec.RandomChoice inner && !isPlain(inner)));
  }

  private void ordered(String path, int index, TransformSpec transform) {
    if (transform instanceof TransformSpec.RandomResizedCrop crop) {
      require(
          path,
          () -> crop.minArea() <= crop.maxArea() && crop.minRatio() <= crop.maxRatio(),
          "[" + index + "] min-area and min-ratio must not be above max-area and max-ratio");
    }
    if (transform instanceof TransformSpec.RandomErasing erasing) {
      require(
          path,
          () -> erasing.minArea() <= erasing.maxArea(),
          "[" + index + "] min-area must not be above max-area");
    }
    if (transform instanceof TransformSpec.BatchMix mix) {
      require(
          path,
          () -> mix.mixup() + mix.cutmix() > 0,
          "[" + index + "] needs mixup or cutmix above 0");
      problems.require(
          source,
          List.of(path, "batch.size", "batch.shards"),
          () -> recipe.batch().samplesPerShard() > 1,
          "["
              + index
              + "] batch-mix finds no second picture in a virtual shard: batch.size must be at least twice batch.shards");
    }
  }

  private void require(String path, BooleanSupplier holds, String problem) {
    problems.require(source, List.of(path), holds, problem);
  }
}
