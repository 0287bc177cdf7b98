package io.elapid.task.segmentation;

import io.elapid.data.image.LabelMap;
import io.elapid.data.image.Size;
import io.elapid.data.loader.SegmentationBatch;
import io.elapid.data.loader.SegmentationBatch.SegmentationSample;
import io.elapid.engine.Buffers;
import io.elapid.engine.Figure;
import io.elapid.engine.Network;
import io.elapid.engine.Ports;
import io.elapid.graph.Scope;
import io.elapid.nn.FeatureMap;
import io.elapid.op.Sum;
import io.elapid.task.dense.DenseBackbone;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A segmenter over any backbone. Parameters {@code backbone} and {@code decode_head}, those that
 * its {@linkplain SegmentationHead head} adds, and {@code auxiliary_head}.
 */
public final class Segmenter implements Network<SegmentationBatch> {
  /** Figure, where there is an auxiliary head: the loss of the one that answers. */
  public static final String LOSS = "loss_decode";

  /** Figure: the loss of the auxiliary head, before its weight. */
  public static final String AUXILIARY_LOSS = "loss_aux";

  private static final String LABELS = "labels";
  private static final String SCORES = "scores";

  private final DenseBackbone backbone;
  private final int classes;
  private final SegmentationHead head;
  private final Optional<Auxiliary> auxiliary;

  /**
   * A second head on the last map but one, which only helps to learn.
   *
   * @param channels of its convolution
   * @param weight of its loss
   */
  public record Auxiliary(long channels, double weight) {
    /** As wide as published. */
    public static final long CHANNELS = 256;
  }

  /** Over a backbone. */
  public Segmenter(
      DenseBackbone backbone, int classes, SegmentationHead head, Optional<Auxiliary> auxiliary) {
    this.backbone = backbone;
    this.classes = classes;
    this.head = head;
    this.auxiliary = auxiliary;
  }

  @Override
  public String name() {
    return head.name() + "_" + backbone.network().name();
  }

  @Override
  public List<Figure> figures() {
    return auxiliary.isEmpty()
        ? List.of()
        : List.of(Figure.ofShards(LOSS), Figure.ofShards(AUXILIARY_LOSS));
  }

  @Override
  public SDVariable learn(Scope scope, Ports ports) {
    long height = ports.frame().height();
    long width = ports.frame().width();
    SDVariable labels = ports.input(LABELS, ports.frame().batch(), height, width);
    Heads heads = heads(scope, ports);
    SDVariable loss = PixelLoss.apply(scope, heads.scores(), labels, height, width);
    if (heads.helping().isEmpty()) {
      return loss;
    }
    SDVariable other = PixelLoss.apply(scope, heads.helping().get(), labels, height, width);
    ports.figure(LOSS, loss);
    ports.figure(AUXILIARY_LOSS, other);
    SDVariable weight =
        scope.graph().constant(Nd4j.scalar(scope.dataType(), auxiliary.orElseThrow().weight()));
    return Sum.apply(scope.graph(), List.of(loss, scope.graph().math().mul(other, weight)));
  }

  @Override
  public void answer(Scope scope, Ports ports) {
    FeatureMap scores = heads(scope, ports).scores();
    ports.output(SCORES, scores.value(), scores.batch(), classes, scores.height(), scores.width());
  }

  /** What both heads say. */
  private record Heads(FeatureMap scores, Optional<FeatureMap> helping) {}

  /**
   * Both forms have the weights of both heads; in the one that answers, nothing reads the second.
   */
  private Heads heads(Scope scope, Ports ports) {
    int stages = backbone.network().stages();
    int first = head.first(stages);
    int from = auxiliary.isPresent() ? Math.min(first, stages - 2) : first;
    List<FeatureMap> maps = backbone.maps(scope, ports.images(), from);
    FeatureMap scores =
        head.scores(scope, backbone, maps.subList(first - from, maps.size()), classes);
    Optional<FeatureMap> helping =
        auxiliary.map(
            other ->
                new FcnHead(other.channels(), ScoreLayer.PUBLISHED)
                    .apply(scope.child("auxiliary_head"), maps.get(stages - 2 - from), classes));
    return new Heads(scores, helping);
  }

  @Override
  public void teach(SegmentationBatch batch, Buffers inputs, Average<SegmentationBatch> average) {
    ByteBuffer labels = batch.labels().duplicate().rewind();
    FloatBuffer wanted = inputs.floats(LABELS);
    while (labels.hasRemaining()) {
      wanted.put(labels.get() & 0xff);
    }
  }

  /** The class of every pixel of each original picture of a batch, row by row. */
  public List<LabelMap> found(SegmentationBatch batch, Buffers outputs) {
    long[] shape = outputs.shape(SCORES);
    Size map = new Size((int) shape[3], (int) shape[2]);
    float[] scores = new float[classes * map.width() * map.height()];
    List<LabelMap> all = new ArrayList<>();
    for (int i = 0; i < batch.samples().size(); i++) {
      SegmentationSample sample = batch.samples().get(i);
      Size original = sample.geometry().original();
      outputs.floats(SCORES).get(i * scores.length, scores);
      LabelDecoder decoder = new LabelDecoder(map, batch.frame(), sample.content(), original);
      byte[] labels = decoder.labels(scores, 0, classes);
      all.add(new LabelMap(original.width(), original.height(), labels));
    }
    return all;
  }
}
