package io.elapid.nn;

import io.elapid.graph.Initializer;
import io.elapid.graph.Scope;
import io.elapid.op.ChannelConcat;
import io.elapid.op.Conv2d;
import io.elapid.op.ConvSettings;
import io.elapid.op.PatchScatter;
import java.util.Collections;
import java.util.function.Function;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Transposed convolution with kernel 2 and stride 2: doubles both sides of a map. Parameters {@code
 * weight} (inputs, outputs, 2, 2) and {@code bias} (outputs).
 *
 * <p>Patches of the result do not overlap, so it is a linear map at every position to the four
 * pixels of a patch.
 */
public final class TransposedConv {
  private static final int PATCH = 4;

  private TransposedConv() {}

  /** Adds the layer; its bias starts at zero. */
  public static FeatureMap apply(
      Scope scope, FeatureMap x, long outputs, Function<long[], Initializer> start) {
    SameDiff graph = scope.graph();
    long[] shape = {x.channels(), outputs, 2, 2};
    SDVariable weight = scope.parameter("weight", start.apply(shape), shape);
    SDVariable bias = scope.parameter("bias", Initializer.zero(), outputs);
    // the order of a scattered patch: column by column
    SDVariable taps =
        graph.reshape(graph.permute(weight, 3, 2, 1, 0), PATCH * outputs, x.channels(), 1, 1);
    SDVariable row = graph.reshape(bias, 1, outputs);
    SDVariable biases =
        graph.reshape(ChannelConcat.apply(graph, Collections.nCopies(PATCH, row)), PATCH * outputs);
    SDVariable patches = Conv2d.apply(graph, x.value(), taps, biases, ConvSettings.of(1, 0));
    SDVariable y = scope.tap(PatchScatter.apply(graph, patches));
    return new FeatureMap(y, x.batch(), outputs, 2 * x.height(), 2 * x.width());
  }
}
