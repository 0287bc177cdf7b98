package io.elapid.task.segmentation;

import io.elapid.data.image.Size;
import io.elapid.data.loader.SegmentationBatch;
import io.elapid.data.loader.SegmentationBatch.SegmentationSample;
import io.elapid.engine.Buffers;
import io.elapid.engine.Figure;
import io.elapid.engine.Network;
import io.elapid.engine.Ports;
import io.elapid.graph.Scope;
import io.elapid.model.efficientvim.EfficientViM;
import io.elapid.nn.FeatureMap;
import io.elapid.nn.Fpn;
import io.elapid.nn.FpnSettings;
import io.elapid.task.dense.DenseBackbone;
import io.elapid.task.dense.Neck;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * Semantic FPN over any backbone. Parameters {@code backbone}, {@code neck} and {@code
 * decode_head}.
 */
public final class SemanticFpn implements Network<SegmentationBatch> {
  /** The published neck. */
  public static final Neck NECK = new Neck(256, FpnSettings.Extra.SUBSAMPLED);

  private static final FpnHead HEAD = new FpnHead(128, 0.1);
  private static final String LABELS = "labels";
  private static final String SCORES = "scores";

  private final DenseBackbone backbone;
  private final int classes;
  private final Neck neck;

  /** Over a backbone. */
  public SemanticFpn(DenseBackbone backbone, int classes, Neck neck) {
    this.backbone = backbone;
    this.classes = classes;
    this.neck = neck;
  }

  @Override
  public String name() {
    return "semanticfpn_" + backbone.network().name();
  }

  @Override
  public List<Figure> figures() {
    return List.of();
  }

  @Override
  public SDVariable learn(Scope scope, Ports ports) {
    long height = ports.frame().height();
    long width = ports.frame().width();
    SDVariable labels = ports.input(LABELS, ports.frame().batch(), height, width);
    return PixelLoss.apply(scope, scores(scope, ports), labels, height, width);
  }

  @Override
  public void answer(Scope scope, Ports ports) {
    FeatureMap scores = scores(scope, ports);
    ports.output(SCORES, scores.value(), scores.batch(), classes, scores.height(), scores.width());
  }

  private FeatureMap scores(Scope scope, Ports ports) {
    List<FeatureMap> maps = backbone.maps(scope, ports.images());
    List<FeatureMap> levels = Fpn.apply(scope.child("neck"), maps, neck.levels(levels()));
    // only the ratios of the strides matter
    List<Integer> strides =
        IntStream.range(0, levels.size()).mapToObj(i -> backbone.finestStride() << i).toList();
    return HEAD.apply(scope.child("decode_head"), levels, strides, classes);
  }

  /** The published head of EfficientViM has four levels, made of three maps. */
  private int levels() {
    return backbone.network() instanceof EfficientViM ? 4 : backbone.network().stages();
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
  public List<byte[]> labels(SegmentationBatch batch, Buffers outputs) {
    long[] shape = outputs.shape(SCORES);
    Size map = new Size((int) shape[3], (int) shape[2]);
    float[] scores = new float[classes * map.width() * map.height()];
    List<byte[]> all = new ArrayList<>();
    for (int i = 0; i < batch.samples().size(); i++) {
      SegmentationSample sample = batch.samples().get(i);
      outputs.floats(SCORES).get(i * scores.length, scores);
      LabelDecoder decoder =
          new LabelDecoder(map, batch.frame(), sample.content(), sample.geometry().original());
      all.add(decoder.labels(scores, 0, classes));
    }
    return all;
  }
}
