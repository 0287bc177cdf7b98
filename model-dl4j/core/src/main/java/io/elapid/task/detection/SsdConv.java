package io.elapid.task.detection;

import io.elapid.graph.Initializer;
import io.elapid.graph.Scope;
import io.elapid.kernel.ActivationKind;
import io.elapid.nn.BatchNormalization;
import io.elapid.nn.ConvLayer;
import io.elapid.nn.Convolution;
import io.elapid.nn.FeatureMap;
import io.elapid.op.Activation;
import io.elapid.op.ChannelAffine;
import io.elapid.op.ChannelAffine.Terms;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What SSDLite is made of: a convolution without bias, a batch norm, and a rectifier that ends at
 * six. Parameters {@code conv.weight} and {@code bn}.
 *
 * @param deviation of the weights at first
 */
record SsdConv(double deviation) {
  private static final BatchNormalization.Settings NORM =
      new BatchNormalization.Settings(1e-3, 0.03);
  private static final double TOP = 6;

  /** Adds the block. */
  FeatureMap apply(Scope scope, FeatureMap x, Convolution convolution) {
    FeatureMap y =
        ConvLayer.unbiased(
            scope.child("conv"), x, convolution, shape -> Initializer.normal(deviation));
    SDVariable rectified =
        BatchNormalization.apply(
            scope.child("bn"), y.value(), y.channels(), NORM, ActivationKind.RELU);
    return cut(scope, y.with(rectified));
  }

  /** {@code x - max(x - 6, 0)}. */
  private static FeatureMap cut(Scope scope, FeatureMap x) {
    Terms over = Terms.scale(constant(scope, 1, x)).plusBias(constant(scope, -TOP, x));
    SDVariable above =
        Activation.apply(
            scope.graph(),
            ChannelAffine.apply(scope.graph(), x.value(), over),
            ActivationKind.RELU);
    Terms less = Terms.scale(constant(scope, -1, x)).plus(x.value());
    return x.with(ChannelAffine.apply(scope.graph(), above, less));
  }

  private static SDVariable constant(Scope scope, double value, FeatureMap x) {
    return scope
        .graph()
        .constant(Nd4j.valueArrayOf(new long[] {x.channels()}, value, scope.dataType()));
  }
}
