package io.elapid.op;

import io.elapid.box.Boxes;
import io.elapid.box.Detections;
import io.elapid.box.ScoreRules;
import io.elapid.kernel.KernelSet;
import io.elapid.kernel.NonMaxSuppression;
import io.elapid.kernel.Roi;
import io.elapid.kernel.Tensor;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * What a second stage finds: regions {@code (B P, 5)}, class logits {@code (B P, K + 1)}, deltas
 * {@code (B P, 4 K)} and pictures {@code (B, 6)} to boxes {@code (B D, 5)} at the network's scale,
 * scores {@code (B D)} and labels {@code (B D)}, filled up with padding of label -1. Has no
 * gradient.
 *
 * @see ScoreRules#detections(Boxes, float[], float[], io.elapid.box.PictureFrame)
 */
public final class RegionDetections extends ElapidOp {
  /** For SameDiff. */
  public RegionDetections() {}

  private RegionDetections(SameDiff graph, ScoreRules rules, SDVariable... inputs) {
    super(graph, inputs);
    addIArgument(rules.limit());
    addTArgument(rules.least(), rules.overlap());
  }

  /** Boxes, scores and labels. */
  public record Found(SDVariable rois, SDVariable scores, SDVariable labels) {}

  /**
   * Adds the op.
   *
   * @param rules whose limit is the number of detections of a picture, padding included
   */
  public static Found apply(
      SameDiff graph,
      SDVariable rois,
      SDVariable logits,
      SDVariable deltas,
      SDVariable pictures,
      ScoreRules rules) {
    SDVariable[] outputs =
        new RegionDetections(graph, rules, rois, logits, deltas, pictures).outputVariables();
    return new Found(outputs[0], outputs[1], outputs[2]);
  }

  private ScoreRules rules() {
    return ScoreRules.SECOND_STAGE.with(tArguments.get(0), tArguments.get(1), attribute(0));
  }

  @Override
  public String opName() {
    return "elapid_region_detections";
  }

  @Override
  public int getNumOutputs() {
    return 3;
  }

  @Override
  List<long[]> outputShapes(List<long[]> inputs) {
    long rows = inputs.get(3)[0] * rules().limit();
    long[] rois = inputs.get(0);
    require(
        inputs.get(1)[0] == rois[0] && inputs.get(2)[0] == rois[0],
        "regions %s, scores %s and deltas %s do not fit",
        shape(rois),
        shape(inputs.get(1)),
        shape(inputs.get(2)));
    return List.of(new long[] {rows, Roi.NUMBERS}, new long[] {rows}, new long[] {rows});
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    List<Tensor> in = operands.ins(0, operands.inputs());
    List<Tensor> out = operands.outs(0, getNumOutputs());
    ScoreRules rules = rules();
    NonMaxSuppression suppression = new NonMaxSuppression(kernels.suppression());
    return () -> {
      kernels.settle();
      for (int image = 0; image < in.get(3).dim(0); image++) {
        write(found(in, image, rules, suppression), image, rules.limit(), out);
      }
    };
  }

  private static Detections found(
      List<Tensor> in, int image, ScoreRules rules, NonMaxSuppression suppression) {
    Tensor rois = in.get(0);
    int regions = rois.dim(0) / in.get(3).dim(0);
    int first = image * regions;
    int count = 0;
    while (count < regions && rois.at((first + count) * Roi.NUMBERS) >= 0) {
      count++;
    }
    float[] corners = new float[4 * count];
    for (int i = 0; i < corners.length; i++) {
      corners[i] = (float) rois.at((first + i / 4) * Roi.NUMBERS + 1 + i % 4);
    }
    int columns = in.get(1).dim(1);
    int sides = in.get(2).dim(1);
    return rules.detections(
        new Boxes(corners),
        RegionInputs.slice(in.get(1), first * columns, count * columns),
        RegionInputs.slice(in.get(2), first * sides, count * sides),
        RegionInputs.picture(in.get(3), image),
        suppression);
  }

  private static void write(Detections found, int image, int perPicture, List<Tensor> out) {
    for (int i = 0; i < perPicture; i++) {
      int row = image * perPicture + i;
      if (i < found.size()) {
        RegionInputs.put(out.get(0), row, image, found.boxes(), i);
        out.get(1).put(row, found.scores()[i]);
        out.get(2).put(row, found.labels()[i]);
      } else {
        RegionInputs.pad(out.get(0), row);
        out.get(1).put(row, 0);
        out.get(2).put(row, -1);
      }
    }
  }

  /** What is found is not learnt from. */
  @Override
  public List<SDVariable> doDiff(List<SDVariable> gradients) {
    return List.of();
  }
}
