package io.elapid.task.detection;

import io.elapid.box.Anchors;
import io.elapid.box.Boxes;
import io.elapid.box.RandomSampler;
import io.elapid.box.ScoreRules;
import io.elapid.data.SplitMix;
import io.elapid.data.image.Size;
import io.elapid.data.loader.DetectionBatch;
import io.elapid.data.loader.DetectionBatch.DetectionSample;
import io.elapid.data.target.Box;
import io.elapid.data.target.Instances;
import io.elapid.data.target.Mask;
import io.elapid.data.target.MaskRaster;
import io.elapid.engine.Buffers;
import io.elapid.engine.Figure;
import io.elapid.engine.Ports;
import io.elapid.graph.Scope;
import io.elapid.kernel.Roi;
import io.elapid.nn.EfficientVitFpn;
import io.elapid.nn.FeatureMap;
import io.elapid.nn.Fpn;
import io.elapid.nn.FpnSettings;
import io.elapid.op.RegionDetections;
import io.elapid.op.RegionProposals;
import io.elapid.op.RegionTargets;
import io.elapid.op.Sum;
import io.elapid.task.dense.DenseBackbone;
import io.elapid.task.dense.Neck;
import io.elapid.task.evaluation.Detection;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * Mask R-CNN over any backbone: proposals of five levels of strides 4 to 64, regions of the four
 * finest. Parameters {@code backbone}, {@code neck}, {@code rpn_head}, {@code roi_head.bbox_head}
 * and {@code roi_head.mask_head}. Both stages are one graph: what the second learns from is chosen
 * within it.
 */
public final class MaskRcnn implements ObjectNetwork {
  /** Figures: the five losses that are added up. */
  public static final List<String> LOSSES =
      List.of("loss_rpn_cls", "loss_rpn_bbox", "loss_cls", "loss_bbox", "loss_mask");

  /** The published neck: a coarse level that leaves out every second cell of the one before. */
  public static final Neck NECK = new Neck(256, FpnSettings.Extra.SUBSAMPLED);

  private static final List<Integer> STRIDES = List.of(4, 8, 16, 32, 64);
  private static final Anchors ANCHORS = Anchors.proposals(STRIDES);
  private static final BoxHead BOX_HEAD = BoxHead.PUBLISHED;
  private static final String PROPOSALS = "rpn_";
  private static final String DIVISOR = "rpn_divisor";
  private static final String BOXES = "boxes";
  private static final String SCORES = "scores";
  private static final String CLASSES = "labels";
  private static final String MASKS = "masks";

  /** Not to be changed: seeds are part of what makes a run repeatable. */
  private static final long FIRST_STAGE = 2;

  private final DenseBackbone backbone;
  private final int classes;
  private final Neck neck;
  private final Regions regions;

  /**
   * How many regions there are, and how objects are chosen.
   *
   * @param objects most of a picture that are learnt; further ones are left out
   * @param proposals most of a picture, in training and in answering
   * @param sampler of the regions that the second stage learns from
   * @param rules by which objects are chosen among what the second stage finds
   */
  public record Regions(int objects, int proposals, RandomSampler sampler, ScoreRules rules) {
    /** As published; there, all objects of a picture are learnt. */
    public static final Regions PUBLISHED =
        new Regions(
            100,
            ScoreRules.PROPOSALS.limit(),
            new RandomSampler(512, 0.25),
            ScoreRules.SECOND_STAGE);
  }

  /** With the published neck. */
  public MaskRcnn(DenseBackbone backbone, int classes, Regions regions) {
    this(backbone, classes, NECK, regions);
  }

  /** Over a backbone. */
  public MaskRcnn(DenseBackbone backbone, int classes, Neck neck, Regions regions) {
    this.backbone = backbone;
    this.classes = classes;
    this.neck = neck;
    this.regions = regions;
  }

  @Override
  public String name() {
    return "maskrcnn_" + backbone.network().name();
  }

  @Override
  public List<Figure> figures() {
    return LOSSES.stream().map(Figure::ofShards).toList();
  }

  private List<FeatureMap> levels(Scope scope, Ports ports) {
    List<FeatureMap> maps = backbone.maps(scope, ports.images());
    Scope pyramid = scope.child("neck");
    FpnSettings settings = neck.levels(STRIDES.size());
    return backbone.isCoarse()
        ? EfficientVitFpn.apply(pyramid, maps, 2, backbone.preNorm(), settings)
        : Fpn.apply(pyramid, maps, settings);
  }

  /** The levels that regions are taken from. */
  private static List<FeatureMap> pooled(List<FeatureMap> levels) {
    return levels.subList(0, levels.size() - 1);
  }

  @Override
  public SDVariable learn(Scope scope, Ports ports) {
    List<FeatureMap> levels = levels(scope, ports);
    List<DenseMaps> maps = RpnHead.apply(scope.child("rpn_head"), levels);
    List<SDVariable> losses = new ArrayList<>(firstStage(scope, ports, maps));
    RegionTargets.Targets targets = targets(scope, ports, maps);
    losses.addAll(secondStage(scope, pooled(levels), targets, ports.frame().batch()));
    for (int i = 0; i < losses.size(); i++) {
      ports.figure(LOSSES.get(i), losses.get(i));
    }
    return Sum.apply(scope.graph(), losses);
  }

  private static List<SDVariable> firstStage(Scope scope, Ports ports, List<DenseMaps> maps) {
    List<DenseMaps.Wanted> wanted = DensePorts.wanted(ports, PROPOSALS, maps);
    List<SDVariable> counted = DensePorts.counted(ports, PROPOSALS, maps);
    DenseLosses losses = RpnHead.losses(scope, maps, wanted, counted, ports.input(DIVISOR));
    return List.of(losses.classLoss(scope), losses.boxLoss(scope));
  }

  private RegionTargets.Targets targets(Scope scope, Ports ports, List<DenseMaps> maps) {
    return RegionTargets.apply(
        scope.graph(),
        logits(maps),
        deltas(maps),
        RegionPorts.objects(ports, regions.objects()),
        new RegionTargets.Settings(
            STRIDES.get(0), classes, MaskHead.SIZE, regions.proposals(), regions.sampler()));
  }

  private static List<SDVariable> logits(List<DenseMaps> maps) {
    return maps.stream().map(level -> level.logits().value()).toList();
  }

  private static List<SDVariable> deltas(List<DenseMaps> maps) {
    return maps.stream().map(level -> level.deltas().value()).toList();
  }

  private List<SDVariable> secondStage(
      Scope scope, List<FeatureMap> levels, RegionTargets.Targets targets, long batch) {
    Scope heads = scope.child("roi_head");
    int stride = STRIDES.get(0);
    BoxHead.Answer answer =
        BOX_HEAD.apply(
            heads.child("bbox_head"),
            levels,
            stride,
            targets.rois(),
            batch * regions.sampler().count(),
            classes);
    BoxHead.Wanted wanted =
        new BoxHead.Wanted(targets.labels(), targets.deltas(), targets.positive(), targets.count());
    FeatureMap masks =
        MaskHead.apply(
            heads.child("mask_head"),
            levels,
            stride,
            BOX_HEAD.finestScale(),
            targets.maskRois(),
            batch * regions.sampler().mostPositives(),
            classes);
    SDVariable own = MaskHead.own(scope, masks, targets.maskLabels(), classes);
    return List.of(
        BoxHead.classLoss(scope, answer, wanted),
        BoxHead.boxLoss(scope, answer, wanted, classes),
        MaskHead.loss(scope, own, targets.masks(), targets.masked(), targets.pixels()));
  }

  @Override
  public void answer(Scope scope, Ports ports) {
    List<FeatureMap> levels = levels(scope, ports);
    List<DenseMaps> maps = RpnHead.apply(scope.child("rpn_head"), levels);
    long batch = ports.frame().batch();
    SDVariable pictures = RegionPorts.pictures(ports);
    SDVariable rois =
        RegionProposals.apply(
            scope.graph(),
            logits(maps),
            deltas(maps),
            pictures,
            STRIDES.get(0),
            regions.proposals());
    Scope heads = scope.child("roi_head");
    BoxHead.Answer answer =
        BOX_HEAD.apply(
            heads.child("bbox_head"),
            pooled(levels),
            STRIDES.get(0),
            rois,
            batch * regions.proposals(),
            classes);
    RegionDetections.Found found =
        RegionDetections.apply(
            scope.graph(), rois, answer.scores(), answer.deltas(), pictures, regions.rules());
    long count = batch * regions.rules().limit();
    FeatureMap masks =
        MaskHead.apply(
            heads.child("mask_head"),
            pooled(levels),
            STRIDES.get(0),
            BOX_HEAD.finestScale(),
            found.rois(),
            count,
            classes);
    SDVariable own = MaskHead.own(scope, masks, found.labels(), classes);
    ports.output(BOXES, found.rois(), count, Roi.NUMBERS);
    ports.output(SCORES, found.scores(), count);
    ports.output(CLASSES, found.labels(), count);
    ports.output(MASKS, own, count, (long) MaskHead.SIZE * MaskHead.SIZE);
  }

  @Override
  public void teach(DetectionBatch batch, Buffers inputs, Average<DetectionBatch> average) {
    List<Size> maps = DensePorts.maps(inputs, PROPOSALS + DensePorts.LABELS, STRIDES.size());
    List<Truths> truths =
        batch.samples().stream().map(s -> Truths.of(s, classes).first(regions.objects())).toList();
    long[] seeds = new long[truths.size()];
    for (int i = 0; i < seeds.length; i++) {
      seeds[i] = SplitMix.derive(batch.samples().get(i).seed(), FIRST_STAGE);
    }
    RpnTargets targets = RpnTargets.of(ANCHORS, maps, truths, seeds);
    DensePorts.write(inputs, PROPOSALS, targets.dense());
    DensePorts.writeCounted(inputs, PROPOSALS, targets.dense());
    inputs.floats(DIVISOR).put(targets.divisor());
    RegionPorts.writePictures(batch, inputs);
    RegionPorts.writeObjects(truths, inputs);
    RegionPorts.writeBitmaps(batch, inputs);
  }

  @Override
  public void ask(DetectionBatch batch, Buffers inputs) {
    RegionPorts.writePictures(batch, inputs);
  }

  @Override
  public Instances.Parts parts() {
    return Instances.Parts.BOXES_AND_MASKS;
  }

  @Override
  public List<List<Detection>> found(DetectionBatch batch, Buffers outputs) {
    List<List<Detection>> all = new ArrayList<>();
    for (int image = 0; image < batch.samples().size(); image++) {
      all.add(found(batch.samples().get(image), image, outputs));
    }
    return all;
  }

  private List<Detection> found(DetectionSample sample, int image, Buffers outputs) {
    int most = regions.rules().limit();
    int first = image * most;
    FloatBuffer boxes = outputs.floats(BOXES);
    FloatBuffer labels = outputs.floats(CLASSES);
    FloatBuffer scores = outputs.floats(SCORES);
    float[] logits = new float[MaskHead.SIZE * MaskHead.SIZE];
    Size original = sample.geometry().original();
    List<Detection> found = new ArrayList<>();
    for (int i = first; i < first + most && labels.get(i) >= 0; i++) {
      float[] corners = new float[4];
      boxes.get(i * Roi.NUMBERS + 1, corners);
      Box box = Truths.picture(sample).restored(new Boxes(corners)).box(0);
      outputs.floats(MASKS).get(i * logits.length, logits);
      Mask mask = InstanceMasks.paste(logits, box, original);
      found.add(Detection.of((int) labels.get(i), scores.get(i), box, MaskRaster.runs(mask)));
    }
    return found;
  }
}
