package io.elapid.nn;

import io.elapid.graph.Initializer;
import io.elapid.graph.Scope;
import io.elapid.op.Conv2d;
import java.util.function.Function;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * The parameters {@code weight} and {@code bias} of a convolution, declared once, that any number
 * of maps go through: heads share theirs between the levels of a pyramid.
 */
public record ConvWeights(SDVariable weight, SDVariable bias, Convolution convolution) {

  /**
   * Declares the parameters.
   *
   * @param start from the shape of the weight to how it starts
   */
  public static ConvWeights declare(
      Scope scope,
      Convolution convolution,
      Function<long[], Initializer> start,
      Initializer biasStart) {
    long[] shape = convolution.weightShape();
    return new ConvWeights(
        scope.parameter("weight", start.apply(shape), shape),
        scope.parameter("bias", biasStart, convolution.outputs()),
        convolution);
  }

  /** With biases that start at zero. */
  public static ConvWeights declare(
      Scope scope, Convolution convolution, Function<long[], Initializer> start) {
    return declare(scope, convolution, start, Initializer.zero());
  }

  /** Adds the convolution of a map. */
  public FeatureMap apply(Scope scope, FeatureMap x) {
    return convolution.output(
        x, Conv2d.apply(scope.graph(), x.value(), weight, bias, convolution.settings()));
  }
}
