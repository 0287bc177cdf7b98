package io.elapid.nn;

import io.elapid.graph.Initializer;
import io.elapid.graph.Scope;
import io.elapid.op.Conv2d;
import java.util.function.Function;
import org.nd4j.autodiff.samediff.SDVariable;

/** A convolution by itself. Parameters {@code weight}, in PyTorch's shape, and {@code bias}. */
public final class ConvLayer {
  private ConvLayer() {}

  /** Adds the layer with PyTorch's default start. */
  public static FeatureMap apply(Scope scope, FeatureMap x, Convolution convolution, Bias bias) {
    return apply(scope, x, convolution, bias, Initializer::fanIn);
  }

  /** Adds the layer without a bias. */
  public static FeatureMap unbiased(
      Scope scope, FeatureMap x, Convolution convolution, Function<long[], Initializer> start) {
    return apply(scope, x, convolution, Bias.NONE, start);
  }

  /**
   * Adds the layer.
   *
   * @param start from the shape of the weight to how weight and bias start
   */
  static FeatureMap apply(
      Scope scope,
      FeatureMap x,
      Convolution convolution,
      Bias bias,
      Function<long[], Initializer> start) {
    long[] shape = convolution.weightShape();
    SDVariable weight = scope.parameter("weight", start.apply(shape), shape);
    SDVariable y =
        bias == Bias.NONE
            ? Conv2d.apply(scope.graph(), x.value(), weight, convolution.settings())
            : Conv2d.apply(
                scope.graph(),
                x.value(),
                weight,
                scope.parameter("bias", start.apply(shape), convolution.outputs()),
                convolution.settings());
    return convolution.output(x, scope.tap(y));
  }
}
