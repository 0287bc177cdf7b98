package io.elapid.task.segmentation;

import io.elapid.data.image.LabelMap;
import io.elapid.data.loader.SegmentationBatch;
import io.elapid.engine.Buffers;
import io.elapid.engine.Figure;
import io.elapid.engine.Frame;
import io.elapid.engine.Network;
import io.elapid.engine.Ports;
import io.elapid.graph.Scope;
import io.elapid.kernel.Resampling;
import io.elapid.model.Backbone;
import io.elapid.nn.FeatureMap;
import io.elapid.nn.Fpn;
import io.elapid.nn.FpnHead;
import io.elapid.nn.FpnSettings;
import io.elapid.op.LabelCrossEntropy;
import io.elapid.op.Resample;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A backbone with a feature pyramid and {@link FpnHead}: a class for every pixel.
 *
 * <p>The loss enlarges the scores to the frame and is the mean cross-entropy over all pixels; those
 * that are not labelled count as zero, in the mean too. Parameters {@code backbone.*}, {@code
 * neck.*}, {@code decode_head.*}.
 */
public final class SemanticFpn implements Network<SegmentationBatch> {
  /** Output of the form that answers: scores (batch, classes, height, width) of a coarser map than the pictures. */
  public static final String SCORES = "scores";

  private static final String LABELS = "labels";

  private final Backbone backbone;
  private final Settings settings;

  /**
   * What is built on the backbone.
   *
   * @param levels of the pyramid; coarser ones than the backbone's maps leave out rows and columns
   * @param channels of every level; the head has half of them
   * @param dropout share of the head's channels that are dropped in training
   */
  public record Settings(int classes, int levels, long channels, double dropout) {}

  public SemanticFpn(Backbone backbone, Settings settings) {
    this.backbone = backbone;
    this.settings = settings;
  }

  @Override
  public String name() {
    return "semanticfpn on " + backbone.name();
  }

  @Override
  public List<Figure> figures() {
    return List.of();
  }

  @Override
  public SDVariable learn(Scope scope, Ports ports) {
    Frame frame = ports.frame();
    FeatureMap scores = scores(scope, ports);
    SDVariable enlarged =
        Resample.apply(
            scope.graph(), scores.value(), Resampling.LINEAR, frame.height(), frame.width());
    SDVariable labels = ports.input(LABELS, frame.batch(), frame.height(), frame.width());
    double pixels = (double) frame.batch() * frame.height() * frame.width();
    SDVariable divisor = scope.graph().constant(Nd4j.scalar(scope.dataType(), pixels));
    return LabelCrossEntropy.apply(scope.graph(), enlarged, labels, divisor, LabelMap.IGNORED);
  }

  @Override
  public void answer(Scope scope, Ports ports) {
    FeatureMap scores = scores(scope, ports);
    ports.output(
        SCORES,
        scores.value(),
        scores.batch(),
        scores.channels(),
        scores.height(),
        scores.width());
  }

  private FeatureMap scores(Scope scope, Ports ports) {
    Set<Integer> all =
        IntStream.range(0, backbone.stages()).boxed().collect(Collectors.toUnmodifiableSet());
    List<FeatureMap> maps = backbone.denseFeatures(scope.child("backbone"), ports.images(), all);
    FpnSettings pyramid =
        new FpnSettings(settings.channels(), 0, settings.levels(), FpnSettings.Extra.SUBSAMPLED);
    List<FeatureMap> levels = Fpn.apply(scope.child("neck"), maps, pyramid);
    return FpnHead.apply(
        scope.child("decode_head"),
        levels,
        settings.channels() / 2,
        settings.dropout(),
        settings.classes());
  }

  @Override
  public void teach(SegmentationBatch batch, Buffers inputs, Average<SegmentationBatch> average) {
    ByteBuffer labels = batch.labels().duplicate().rewind();
    FloatBuffer wanted = inputs.floats(LABELS);
    while (labels.hasRemaining()) {
      wanted.put(labels.get() & 0xFF);
    }
  }
}
