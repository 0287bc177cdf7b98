package io.elapid.backend.cuda;

import io.elapid.backend.cuda.Launch.Arguments;
import io.elapid.backend.cuda.Launch.Shape;
import io.elapid.kernel.Labels;
import io.elapid.kernel.LossGroups;
import io.elapid.kernel.LossKernel;
import io.elapid.kernel.Tensor;

/** Losses of dense predictions of floats, see {@code losses.cu}. */
final class CudaLosses implements LossKernel {
  private static final String MODULE = "losses";
  private static final int THREADS = 256;
  private static final int LANES = 32;

  /** Elements that a thread's group is reckoned as: then a thread has one, while blocks suffice. */
  private static final int VALUES = 8;

  /** Label of what focal losses do not count. */
  private static final int NONE = -1;

  private final Device device;
  private final LossKernel host;

  CudaLosses(Device device, LossKernel host) {
    this.device = device;
    this.host = host;
  }

  /** The struct LossSizes. */
  private static Arguments sizes(Tensor x, int values, Targets targets) {
    LossGroups groups = LossGroups.of(x, targets.weights().orElse(x));
    return new Arguments().struct(x.size(), groups.positions(), values, groups.values());
  }

  /**
   * Starts a kernel that writes the slope and sums of blocks, and one that adds these up.
   *
   * @param arguments all in front of the predictions
   * @return where labels, or the targets' values, are
   */
  private static long run(
      Frame frame,
      String name,
      int blocks,
      Arguments arguments,
      Tensor x,
      Targets targets,
      Result result) {
    long values = frame.in(targets.values());
    long divisor = frame.in(result.divisor());
    long parts = frame.scratch(blocks);
    frame.launch(
        Launch.of(
            MODULE,
            name,
            new Shape(blocks, 1, 1, THREADS, 0),
            arguments
                .pointers(frame.in(x), values, frame.in(targets.weights()), divisor)
                .pointers(frame.out(result.slope()), parts)));
    frame.launch(
        Launch.of(
            MODULE,
            "loss_total",
            new Shape(1, 1, 1, LANES, 0),
            new Arguments().numbers(blocks).pointers(parts, divisor, frame.out(result.loss()))));
    return values;
  }

  @Override
  public void focal(Tensor logits, Targets labels, double alpha, double gamma, Result result) {
    if (!Frame.takes(logits)) {
      host.focal(logits, labels, alpha, gamma, result);
      return;
    }
    int values = LossGroups.of(logits, labels.values()).values();
    try (Frame frame = new Frame(device, "focal loss")) {
      Arguments arguments =
          sizes(logits, values, labels).number((float) alpha).number((float) gamma);
      int blocks = LossShares.of(logits.size());
      long at = run(frame, "loss_focal", blocks, arguments, logits, labels, result);
      // the class K, the background, is known
      finish(frame, labels.values(), at, values + 1, NONE);
    }
  }

  /** Finishes, and throws if there are labels that no class has. */
  private static void finish(Frame frame, Tensor labels, long at, int classes, int ignored) {
    UnknownLabels unknown = UnknownLabels.search(frame, labels, at, classes, ignored);
    frame.finish();
    if (unknown.found()) {
      Labels.check(labels, classes, ignored);
    }
  }

  @Override
  public void smoothL1(Tensor predictions, Targets targets, double beta, Result result) {
    if (!Frame.takes(predictions)) {
      host.smoothL1(predictions, targets, beta, result);
      return;
    }
    try (Frame frame = new Frame(device, "smooth L1 loss")) {
      Arguments arguments = sizes(predictions, 1, targets).number((float) beta);
      int blocks = LossShares.of(predictions.size());
      run(frame, "loss_smooth_l1", blocks, arguments, predictions, targets, result);
      frame.finish();
    }
  }

  @Override
  public void binaryCrossEntropy(Tensor logits, Targets targets, Result result) {
    if (!Frame.takes(logits)) {
      host.binaryCrossEntropy(logits, targets, result);
      return;
    }
    try (Frame frame = new Frame(device, "binary cross-entropy")) {
      int blocks = LossShares.of(logits.size());
      run(frame, "loss_binary", blocks, sizes(logits, 1, targets), logits, targets, result);
      frame.finish();
    }
  }

  @Override
  public void crossEntropy(Tensor logits, Targets labels, int ignored, Result result) {
    if (!Frame.takes(logits)) {
      host.crossEntropy(logits, labels, ignored, result);
      return;
    }
    LossGroups groups = LossGroups.of(logits, labels.values());
    boolean rows = groups.positions() == 1;
    try (Frame frame = new Frame(device, "cross-entropy with labels")) {
      // a group is as much work as several elements
      int blocks = LossShares.of((long) groups.count() * (rows ? LANES : VALUES));
      long at =
          run(
              frame,
              rows ? "loss_label_rows" : "loss_label_maps",
              blocks,
              sizes(logits, groups.values(), labels).numbers(ignored),
              logits,
              labels,
              result);
      finish(frame, labels.values(), at, groups.values(), ignored);
    }
  }

  @Override
  public void gradient(Tensor dloss, Tensor slope, Tensor dx) {
    if (!Frame.takes(dx)) {
      host.gradient(dloss, slope, dx);
      return;
    }
    try (Frame frame = new Frame(device, "gradient of a loss")) {
      frame.launch(
          Launch.of(
              MODULE,
              "loss_gradient",
              Shape.elements(dx.size()),
              new Arguments()
                  .numbers(dx.size())
                  .pointers(frame.in(dloss), frame.in(slope), frame.out(dx))));
      frame.finish();
    }
  }
}
