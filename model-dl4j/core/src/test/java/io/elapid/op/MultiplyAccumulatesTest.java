package io.elapid.op;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;

/** Ops count one multiply-accumulate per product that the definition sums up. */
@Tag("backend")
final class MultiplyAccumulatesTest {
  private final SameDiff graph = SameDiff.create();

  @Test
  void denseConvolutionCountsTapsAndInputChannelsPerOutput() {
    ConvSettings settings = ConvSettings.of(2, 1);
    SDVariable y = Conv2d.apply(graph, in("x", 2, 3, 9, 9), in("w", 8, 3, 3, 3), settings);
    assertThat(count(y, s(8, 3, 3, 3), s(2, 3, 9, 9))).isEqualTo(2L * 8 * 5 * 5 * 3 * 9);
  }

  @Test
  void depthwiseConvolutionCountsTapsPerOutputAndBiasNothing() {
    ConvSettings settings = new ConvSettings(1, 1, 6);
    SDVariable y =
        Conv2d.apply(graph, in("x", 1, 6, 7, 5), in("w", 6, 1, 3, 3), in("b", 6), settings);
    assertThat(count(y, s(6, 1, 3, 3), s(6), s(1, 6, 7, 5))).isEqualTo(6L * 7 * 5 * 9);
  }

  @Test
  void sequenceConvolutionCountsLikeAnImageOfOneRow() {
    SDVariable y = Conv2d.apply(graph, in("x", 1, 4, 10), in("w", 12, 4, 1), ConvSettings.of(1, 0));
    assertThat(count(y, s(12, 4, 1), s(1, 4, 10))).isEqualTo(12L * 4 * 10);
  }

  @Test
  void linearMapCountsItsWeightsPerSample() {
    SDVariable y = Linear.apply(graph, in("x", 3, 5), in("w", 7, 5), in("b", 7));
    assertThat(count(y, s(3, 5), s(7, 5), s(7))).isEqualTo(3L * 5 * 7);
  }

  @Test
  void hiddenStateCountsItsMatrixProduct() {
    SDVariable h =
        HiddenState.apply(
            graph, in("x", 2, 8, 20), in("b", 2, 3, 20), in("dt", 2, 3, 20), in("a", 3));
    assertThat(count(h, s(2, 8, 20), s(2, 3, 20), s(2, 3, 20), s(3))).isEqualTo(2L * 8 * 20 * 3);
  }

  @Test
  void waveletTransformsCountTheTwoByTwoFiltersOfEveryBand() {
    SDVariable bands = HaarDwt.apply(graph, in("x", 2, 3, 6, 5));
    assertThat(count(bands, s(2, 3, 6, 5))).isEqualTo(2L * 12 * 3 * 3 * 4);
    SDVariable x = HaarIdwt.apply(graph, in("y", 2, 12, 3, 3), 6, 5);
    assertThat(count(x, s(2, 12, 3, 3))).isEqualTo(2L * 12 * 3 * 3 * 4);
  }

  @Test
  void oneTapPerChannelCountsWhereItStandsForAConvolutionOnly() {
    SDVariable x = in("x", 2, 3, 4, 5);
    SDVariable w = in("w", 3, 1, 1, 1);
    SDVariable convolved = ChannelAffine.apply(graph, x, ChannelAffine.Terms.convolution(w));
    SDVariable scaled = ChannelAffine.apply(graph, x, ChannelAffine.Terms.scale(w));
    assertThat(count(convolved, s(2, 3, 4, 5), s(3, 1, 1, 1))).isEqualTo(2L * 3 * 4 * 5);
    assertThat(count(scaled, s(2, 3, 4, 5), s(3, 1, 1, 1))).isZero();
  }

  @Test
  void productsOfMatricesCountTheirTerms() {
    SDVariable product = MatrixProduct.apply(graph, in("a", 2, 3, 4), in("b", 2, 4, 5));
    assertThat(count(product, s(2, 3, 4), s(2, 4, 5))).isEqualTo(2L * 3 * 4 * 5);
  }

  private SDVariable in(String name, long... shape) {
    return graph.placeHolder(name, DataType.FLOAT, shape);
  }

  private static long[] s(long... shape) {
    return shape;
  }

  private long count(SDVariable output, long[]... inputs) {
    return ((ElapidOp) graph.getVariableOutputOp(output.name()))
        .multiplyAccumulates(List.of(inputs));
  }
}
