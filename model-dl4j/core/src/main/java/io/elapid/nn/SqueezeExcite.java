package io.elapid.nn;

import io.elapid.graph.Initializer;
import io.elapid.graph.Scope;
import io.elapid.kernel.ActivationKind;
import io.elapid.op.Activation;
import io.elapid.op.ChannelScale;
import io.elapid.op.Linear;
import io.elapid.op.SpatialMean;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * Squeeze and excitation (Hu et al., "Squeeze-and-Excitation Networks", CVPR 2018): {@code x *
 * sigmoid(expand(activation(reduce(mean(x)))))} per channel. Both layers have {@code weight} and
 * {@code bias}.
 *
 * <p>The layers are declared once and may gate several maps.
 */
public final class SqueezeExcite {
  private static final double DEVIATION = 0.02;

  private final Scope scope;
  private final Style style;
  private final Layer reduce;
  private final Layer expand;

  private SqueezeExcite(Scope scope, Style style, Layer reduce, Layer expand) {
    this.scope = scope;
    this.style = style;
    this.reduce = reduce;
    this.expand = expand;
  }

  /** What the layers are: that decides the shapes of their weights and how they start. */
  public enum Layers {
    /** 1x1 convolutions, weights (out, in, 1, 1). */
    CONVOLUTIONS,
    /** Linear layers, weights (out, in). */
    LINEAR
  }

  /**
   * Names and kind.
   *
   * @param reduce name of the first layer
   * @param activation between the layers
   * @param middle name of the activation
   * @param expand name of the second layer
   * @param gate name of the sigmoid
   */
  public record Style(
      Layers layers,
      String reduce,
      ActivationKind activation,
      String middle,
      String expand,
      String gate) {
    /** EfficientViM and MobileMamba. */
    public static final Style FC =
        new Style(Layers.CONVOLUTIONS, "fc1", ActivationKind.RELU, "act", "fc2", "gate");
  }

  /** Declares the layers, with {@code hidden} values between them. */
  public static SqueezeExcite declare(Scope scope, Style style, long channels, long hidden) {
    Layer reduce = Layer.declare(scope.child(style.reduce()), style, channels, hidden);
    Layer expand = Layer.declare(scope.child(style.expand()), style, hidden, channels);
    return new SqueezeExcite(scope, style, reduce, expand);
  }

  /** Declares the layers and gates {@code x} by its own means. */
  public static FeatureMap apply(Scope scope, Style style, FeatureMap x, long hidden) {
    SDVariable mean = SpatialMean.apply(scope.graph(), x.value());
    return declare(scope, style, x.channels(), hidden).gate(x, mean, "");
  }

  /**
   * Gates a map.
   *
   * @param mean what the gate is computed from, (batch, channels)
   * @param call empty for the first use of these layers, {@code @2} for the second
   */
  public FeatureMap gate(FeatureMap x, SDVariable mean, String call) {
    SDVariable squeezed = reduce.apply(mean, call);
    SDVariable active = activated(style.middle(), squeezed, style.activation(), call);
    SDVariable excited = expand.apply(active, call);
    SDVariable gate = activated(style.gate(), excited, ActivationKind.SIGMOID, call);
    return x.with(scope.tap(call, ChannelScale.apply(scope.graph(), x.value(), gate)));
  }

  private SDVariable activated(String name, SDVariable x, ActivationKind kind, String call) {
    return scope.child(name).tap(call, Activation.apply(scope.graph(), x, kind));
  }

  /** A layer on one position per picture. */
  private record Layer(Scope scope, SDVariable matrix, SDVariable bias) {
    static Layer declare(Scope scope, Style style, long inputs, long outputs) {
      if (style.layers() == Layers.LINEAR) {
        Initializer start = new Initializer.TruncatedNormal(DEVIATION);
        SDVariable weight = scope.parameter("weight", start, outputs, inputs);
        return new Layer(scope, weight, scope.parameter("bias", Initializer.zero(), outputs));
      }
      long[] shape = {outputs, inputs, 1, 1};
      SDVariable weight = scope.parameter("weight", Initializer.fanIn(shape), shape);
      SDVariable bias = scope.parameter("bias", Initializer.fanIn(shape), outputs);
      return new Layer(scope, scope.graph().reshape(weight, outputs, inputs), bias);
    }

    SDVariable apply(SDVariable x, String call) {
      return scope.tap(call, Linear.apply(scope.graph(), x, matrix, bias));
    }
  }
}
