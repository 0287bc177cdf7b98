package io.elapid.op;

import io.elapid.box.Boxes;
import io.elapid.box.ScoreRules;
import io.elapid.kernel.KernelSet;
import io.elapid.kernel.Roi;
import io.elapid.kernel.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * The regions of pictures that are worth a second look: per level logits {@code (B, 3, H, W)} and
 * deltas {@code (B, 12, H, W)}, and pictures {@code (B, 6)}, to regions {@code (B P, 5)} as {@link
 * RoiAlign} takes them, by falling score and filled up with padding. Has no gradient.
 *
 * @see ScoreRules#proposals
 */
public final class RegionProposals extends ElapidOp {
  /** For SameDiff. */
  public RegionProposals() {}

  private RegionProposals(
      SameDiff graph, int levels, int stride, int perPicture, SDVariable... inputs) {
    super(graph, inputs);
    addIArgument(levels, stride, perPicture);
  }

  /**
   * Adds the op.
   *
   * @param stride of the finest level
   * @param perPicture regions of a picture, padding included
   */
  public static SDVariable apply(
      SameDiff graph,
      List<SDVariable> logits,
      List<SDVariable> deltas,
      SDVariable pictures,
      int stride,
      int perPicture) {
    List<SDVariable> inputs = new ArrayList<>(logits);
    inputs.addAll(deltas);
    inputs.add(pictures);
    return new RegionProposals(
            graph, logits.size(), stride, perPicture, inputs.toArray(SDVariable[]::new))
        .outputVariable();
  }

  private int perPicture() {
    return attribute(2);
  }

  @Override
  public String opName() {
    return "elapid_region_proposals";
  }

  @Override
  List<long[]> outputShapes(List<long[]> inputs) {
    return List.of(new long[] {inputs.get(0)[0] * perPicture(), Roi.NUMBERS});
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    int levels = attribute(0);
    RegionInputs.FirstStage stage =
        RegionInputs.FirstStage.of(
            operands, levels, attribute(1), ScoreRules.PROPOSALS.withLimit(perPicture()), kernels);
    Tensor pictures = operands.in(2 * levels);
    Tensor rois = operands.out(0);
    return () -> {
      kernels.settle();
      for (int image = 0; image < pictures.dim(0); image++) {
        Boxes found = stage.proposals(pictures, image);
        for (int i = 0; i < perPicture(); i++) {
          int row = image * perPicture() + i;
          if (i < found.size()) {
            RegionInputs.put(rois, row, image, found, i);
          } else {
            RegionInputs.pad(rois, row);
          }
        }
      }
    };
  }

  /** Regions are not learnt from. */
  @Override
  public List<SDVariable> doDiff(List<SDVariable> gradients) {
    return List.of();
  }
}
