package io.elapid.engine;

import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What an operation of a compiled step has written, for debugging.
 *
 * @param step number of the operation in the run
 * @param kind such as {@code elapid_conv2d}
 * @param name of the instance in the graph
 * @param inputs shapes of what it read
 */
public record OperationResult(
    int step, String kind, String name, String inputs, List<Output> outputs) {

  /**
   * One of its results.
   *
   * @param least value; NaN if one of the values is
   * @param greatest value; NaN if one of the values is
   * @param notFinite number of NaN and infinite values
   */
  public record Output(String shape, double least, double greatest, long notFinite) {
    private static Output of(INDArray array) {
      double[] values = array.reshape(-1).toDoubleVector();
      return new Output(
          Arrays.toString(array.shape()),
          Arrays.stream(values).reduce(Double.POSITIVE_INFINITY, Math::min),
          Arrays.stream(values).reduce(Double.NEGATIVE_INFINITY, Math::max),
          Arrays.stream(values).filter(value -> !Double.isFinite(value)).count());
    }
  }

  static OperationResult of(int number, StepProgram.Step step) {
    return new OperationResult(
        number,
        step.node().op().opName(),
        step.node().name(),
        Shapes.text(step.inputs()),
        Arrays.stream(step.outputs()).map(Output::of).toList());
  }

  void requireFinite() {
    for (int i = 0; i < outputs.size(); i++) {
      Output output = outputs.get(i);
      if (output.notFinite() > 0) {
        throw new DivergenceException(
            "%s wrote %,d values that are not finite to output %d, shape %s; inputs %s"
                .formatted(title(), output.notFinite(), i, output.shape(), inputs));
      }
    }
  }

  private String title() {
    return name.equals(kind) ? name : name + " (" + kind + ")";
  }
}
