package io.elapid.analysis;

import io.elapid.engine.Gradients;
import io.elapid.engine.ProgramSpec;
import io.elapid.engine.StepProgram;
import io.elapid.kernel.ActivationKind;
import io.elapid.nn.FeatureMap;
import io.elapid.op.Activation;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The effective receptive field of a network (Luo et al., NeurIPS 2016) as Ding et al. ("Scaling Up
 * Your Kernels to 31x31", CVPR 2022) and the papers of these networks show it: the gradient of the
 * middle of the last map in the pixels. Of every picture, {@code sum over channels of relu(d sum_c
 * relu(map[c, h / 2, w / 2]) / d pixel)}, and the mean over pictures.
 *
 * @param contribution (height, width) of the pictures, row by row, none negative
 */
public record ReceptiveField(int height, int width, double[] contribution) {
  private static final int CHANNELS = 3;

  /** The field of a network over some pictures. */
  public static ReceptiveField of(Subject subject, Pictures pictures) {
    return of(subject, pictures, DataType.FLOAT);
  }

  static ReceptiveField of(Subject subject, Pictures pictures, DataType type) {
    try (Forward forward = Forward.of(subject, type, pictures, 1)) {
      return of(forward, pictures, type);
    }
  }

  private static ReceptiveField of(Forward forward, Pictures pictures, DataType type) {
    INDArray gradient = Nd4j.create(type, pictures.only(0).shape());
    try (StepProgram program = program(forward, gradient)) {
      int pixels = pictures.height() * pictures.width();
      double[] sum = new double[pixels];
      for (int i = 0; i < pictures.count(); i++) {
        forward.show(pictures.only(i));
        program.run();
        double[] slopes = gradient.data().asDouble();
        for (int j = 0; j < CHANNELS * pixels; j++) {
          sum[j % pixels] += Math.max(0, slopes[j]) / pictures.count();
        }
      }
      return new ReceptiveField(pictures.height(), pictures.width(), sum);
    }
  }

  private static StepProgram program(Forward forward, INDArray gradient) {
    SDVariable middle = middle(forward);
    Gradients gradients = Gradients.of(forward.graph(), middle, List.of(Forward.IMAGES));
    Map<String, INDArray> results = Map.of(gradients.names().get(Forward.IMAGES), gradient);
    return StepProgram.compile(
        new ProgramSpec(gradients.graph(), forward.inputs(), results, Set.of()));
  }

  /** The sum over channels of what the middle of the last map says yes to. */
  static SDVariable middle(Forward forward) {
    SameDiff graph = forward.graph();
    FeatureMap map = forward.last();
    DataType type = forward.scope().dataType();
    long size = map.channels() * map.positions();
    double[] chosen = new double[Math.toIntExact(size)];
    int position = Math.toIntExact(map.height() / 2 * map.width() + map.width() / 2);
    for (int c = 0; c < map.channels(); c++) {
      chosen[Math.toIntExact(c * map.positions()) + position] = 1;
    }
    SDVariable column = graph.placeHolder("chosen", type, size, 1);
    forward.inputs().put("chosen", Nd4j.createFromArray(chosen).castTo(type).reshape(size, 1));
    SDVariable positive = Activation.apply(graph, map.value(), ActivationKind.RELU);
    return graph.reshape(graph.reshape(positive, 1, size).mmul(column), 1);
  }

  /**
   * Side of the smallest square in the middle that holds a share of all contributions, as a share
   * of the picture's shorter side.
   *
   * @param share in (0, 1]
   * @throws IllegalStateException if nothing contributes
   */
  public double side(double share) {
    double total = 0;
    for (double one : contribution) {
      total += one;
    }
    if (!(total > 0)) {
      throw new IllegalStateException("no pixel contributes to the middle of the last map");
    }
    int shorter = Math.min(height, width);
    for (int half = 0; 2 * half < shorter; half++) {
      if (within(half) >= share * total) {
        return Math.min(1, (2.0 * half + 1) / shorter);
      }
    }
    return 1;
  }

  private double within(int half) {
    double sum = 0;
    for (int y = Math.max(0, height / 2 - half);
        y <= Math.min(height - 1, height / 2 + half);
        y++) {
      for (int x = Math.max(0, width / 2 - half); x <= Math.min(width - 1, width / 2 + half); x++) {
        sum += contribution[y * width + x];
      }
    }
    return sum;
  }
}
