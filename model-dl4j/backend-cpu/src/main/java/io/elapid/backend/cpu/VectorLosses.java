package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.WIDTH;

import io.elapid.kernel.Labels;
import io.elapid.kernel.LossGroups;
import io.elapid.kernel.LossKernel;
import io.elapid.kernel.Tensor;
import io.elapid.kernel.Workers;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Optional;

/**
 * Pieces of at most a thousand numbers that have a place of their own in the sum: predictions,
 * targets and weights of a piece are copied to the nearest cache and worked on there in whole
 * registers, what fills up the last one having weight 0.
 */
record VectorLosses(Workers workers, LossKernel reference) implements LossKernel {
  /** Numbers of a piece. */
  static final int PIECE = 1024;

  /** Predictions of a piece, their targets and weights, and scratch of the same length. */
  record Piece(float[] x, float[] targets, float[] weights, float[] e, float[] l) {
    static Piece empty() {
      return new Piece(
          new float[PIECE], new float[PIECE], new float[PIECE], new float[PIECE], new float[PIECE]);
    }

    /** Zeros for predictions and targets of weight 0, which may hold anything. */
    private void clear(int count) {
      for (int i = 0; i < count; i++) {
        if (weights[i] == 0) {
          x[i] = 0;
          targets[i] = 0;
        }
      }
    }
  }

  /** A loss of single predictions. */
  @FunctionalInterface
  private interface Elements {
    /**
     * Puts {@code factor} times the weighted derivatives in the place of the first {@code count}
     * predictions, a multiple of the registers' width; the sum of the weighted losses.
     */
    double run(Piece piece, int count, float factor);
  }

  /** Fills in the targets and weights of {@code length} predictions. */
  @FunctionalInterface
  private interface Source {
    void fill(int run, int start, int length, Piece piece);
  }

  /**
   * Predictions as runs that lie together in memory: one for each value of a row of groups, or,
   * where there is one position only, one for each row.
   */
  private record Runs(LossGroups groups) {
    boolean areRows() {
      return groups.positions() == 1;
    }

    int count() {
      return areRows() ? groups.rows() : groups.rows() * groups.values();
    }

    int length() {
      return areRows() ? groups.values() : groups.positions();
    }

    /** The group of the first prediction of a run. */
    int group(int run) {
      return areRows() ? run : run / groups.values() * groups.positions();
    }
  }

  @Override
  public void focal(Tensor logits, Targets labels, double alpha, double gamma, Result result) {
    if (!Lanes.areFloat(logits) || gamma != 2) {
      reference.focal(logits, labels, alpha, gamma, result);
      return;
    }
    LossGroups groups = LossGroups.of(logits, labels.values());
    Labels.check(labels.values(), groups.values() + 1, -1);
    Runs runs = new Runs(groups);
    FloatBuffer classes = labels.values().bytes().asFloatBuffer();
    Source weights = weights(labels.weights(), runs);
    Source source =
        (run, start, length, piece) -> {
          weights.fill(run, start, length, piece);
          if (runs.areRows()) {
            oneHot(classes.get(run), start, length, piece);
          } else {
            classes.get(runs.group(run) + start, piece.targets(), 0, length);
            own(run % groups.values(), length, piece);
          }
        };
    float own = (float) alpha;
    float other = (float) (1 - alpha);
    write(
        logits,
        runs,
        source,
        (piece, count, factor) -> LossRows.focal(piece, count, own, other, factor),
        result);
  }

  /** Targets of a run over classes. */
  private static void oneHot(float label, int start, int length, Piece piece) {
    for (int i = 0; i < length; i++) {
      piece.targets()[i] = label == start + i ? 1 : 0;
      piece.weights()[i] = counted(label, piece.weights()[i]);
    }
  }

  /** Targets of a class from labels. */
  private static void own(int value, int length, Piece piece) {
    for (int i = 0; i < length; i++) {
      float label = piece.targets()[i];
      piece.targets()[i] = label == value ? 1 : 0;
      piece.weights()[i] = counted(label, piece.weights()[i]);
    }
  }

  private static float counted(float label, float weight) {
    return label == -1 ? 0 : Float.isNaN(label) ? label : weight;
  }

  @Override
  public void smoothL1(Tensor predictions, Targets targets, double beta, Result result) {
    if (!Lanes.areFloat(predictions)) {
      reference.smoothL1(predictions, targets, beta, result);
      return;
    }
    float bend = (float) beta;
    write(
        predictions,
        targets,
        (piece, count, factor) -> LossRows.smoothL1(piece, count, bend, factor),
        result);
  }

  @Override
  public void binaryCrossEntropy(Tensor logits, Targets targets, Result result) {
    if (!Lanes.areFloat(logits)) {
      reference.binaryCrossEntropy(logits, targets, result);
      return;
    }
    write(logits, targets, LossRows::binaryCrossEntropy, result);
  }

  private void write(Tensor x, Targets targets, Elements elements, Result result) {
    LossGroups groups = LossGroups.of(x, targets.weights().orElse(x));
    // without groups of several values, where a run begins does not matter
    Runs runs = new Runs(groups.values() == 1 ? new LossGroups(1, 1, x.size()) : groups);
    FloatBuffer values = targets.values().bytes().asFloatBuffer();
    Source weights = weights(targets.weights(), runs);
    Source source =
        (run, start, length, piece) -> {
          weights.fill(run, start, length, piece);
          values.get(run * runs.length() + start, piece.targets(), 0, length);
        };
    write(x, runs, source, elements, result);
  }

  private static Source weights(Optional<Tensor> weights, Runs runs) {
    if (weights.isEmpty()) {
      return (run, start, length, piece) -> Arrays.fill(piece.weights(), 0, length, 1);
    }
    FloatBuffer values = weights.get().bytes().asFloatBuffer();
    return runs.areRows()
        ? (run, start, length, piece) -> Arrays.fill(piece.weights(), 0, length, values.get(run))
        : (run, start, length, piece) ->
            values.get(runs.group(run) + start, piece.weights(), 0, length);
  }

  private void write(Tensor x, Runs runs, Source source, Elements elements, Result result) {
    float divisor = (float) result.divisor().at(0);
    int perRun = (runs.length() + PIECE - 1) / PIECE;
    double[] sums = new double[runs.count() * perRun];
    FloatBuffer predictions = x.bytes().asFloatBuffer();
    FloatBuffer slope = result.slope().bytes().asFloatBuffer();
    workers.forEach(
        sums.length,
        Math.min(PIECE, runs.length()),
        (from, to) -> {
          Piece piece = Piece.empty();
          for (int i = from; i < to; i++) {
            int run = i / perRun;
            int start = i % perRun * PIECE;
            int length = Math.min(PIECE, runs.length() - start);
            int at = run * runs.length() + start;
            int count = Lanes.roundUp(length);
            predictions.get(at, piece.x(), 0, length);
            source.fill(run, start, length, piece);
            Arrays.fill(piece.weights(), length, count, 0);
            piece.clear(count);
            sums[i] = elements.run(piece, count, 1 / divisor);
            slope.put(at, piece.x(), 0, length);
          }
        });
    double total = 0;
    for (double sum : sums) {
      total += sum;
    }
    result.loss().put(0, total / divisor);
  }

  @Override
  public void crossEntropy(Tensor logits, Targets labels, int ignored, Result result) {
    LossGroups groups = LossGroups.of(logits, labels.values());
    if (!Lanes.areFloat(logits) || groups.positions() < WIDTH) {
      reference.crossEntropy(logits, labels, ignored, result);
      return;
    }
    Labels.check(labels.values(), groups.values(), ignored);
    int perRow = (groups.positions() + SoftmaxBlock.POSITIONS - 1) / SoftmaxBlock.POSITIONS;
    double[] sums = new double[groups.rows() * perRow];
    workers.forEach(
        sums.length,
        (long) SoftmaxBlock.POSITIONS * groups.values(),
        (from, to) -> {
          SoftmaxBlock block = new SoftmaxBlock(logits, labels, ignored, result);
          for (int i = from; i < to; i++) {
            sums[i] = block.run(i / perRow, i % perRow * SoftmaxBlock.POSITIONS);
          }
        });
    double total = 0;
    for (double sum : sums) {
      total += sum;
    }
    result.loss().put(0, total / result.divisor().at(0));
  }

  @Override
  public void gradient(Tensor dloss, Tensor slope, Tensor dx) {
    if (!Lanes.areFloat(dx)) {
      reference.gradient(dloss, slope, dx);
      return;
    }
    float factor = (float) dloss.at(0);
    int pieces = (dx.size() + PIECE - 1) / PIECE;
    workers.forEach(
        pieces,
        PIECE,
        (from, to) -> {
          int start = from * PIECE;
          int length = Math.min(dx.size(), to * PIECE) - start;
          Rows.scale(slope.bytes(), start, length, factor, dx.bytes());
        });
  }
}
