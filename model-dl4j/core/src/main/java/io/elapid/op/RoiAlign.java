package io.elapid.op;

import io.elapid.kernel.KernelSet;
import io.elapid.kernel.Roi;
import io.elapid.kernel.RoiAlignKernel;
import io.elapid.kernel.RoiPooling;
import io.elapid.kernel.Tensor;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * RoIAlign from the levels of a pyramid: {@code (B, C, H_l, W_l)}, the finest first, and regions
 * {@code (R, 5)} to {@code (R, C, height, width)}.
 *
 * <p>A region is the number of its picture in the batch and x1, y1, x2, y2 in pixels of the picture
 * as the network sees it, all in the maps' own type; -1 for a picture pads the list and gives
 * zeros. Each region is taken from the level that fits its size. Differentiable in the levels.
 *
 * @see RoiAlignKernel
 */
public final class RoiAlign extends ElapidOp {
  private static final List<RoiPooling.Alignment> ALIGNMENTS =
      List.of(RoiPooling.Alignment.values());

  /** For SameDiff. */
  public RoiAlign() {}

  private RoiAlign(SameDiff graph, RoiPooling pooling, SDVariable... inputs) {
    super(graph, inputs);
    addPooling(this, pooling);
  }

  /** Adds the op. */
  public static SDVariable apply(
      SameDiff graph, List<SDVariable> levels, SDVariable rois, RoiPooling pooling) {
    SDVariable[] inputs = levels.toArray(new SDVariable[levels.size() + 1]);
    inputs[levels.size()] = rois;
    return new RoiAlign(graph, pooling, inputs).outputVariable();
  }

  static void addPooling(ElapidOp op, RoiPooling pooling) {
    op.addIArgument(
        pooling.height(),
        pooling.width(),
        pooling.samples(),
        ALIGNMENTS.indexOf(pooling.alignment()));
    op.addTArgument(pooling.stride(), pooling.finestScale());
  }

  static RoiPooling pooling(ElapidOp op) {
    return new RoiPooling(
        op.attribute(0),
        op.attribute(1),
        op.attribute(2),
        ALIGNMENTS.get(op.attribute(3)),
        op.tArgs()[0],
        op.tArgs()[1]);
  }

  @Override
  public String opName() {
    return "elapid_roi_align";
  }

  @Override
  List<long[]> outputShapes(List<long[]> inputs) {
    long[] finest = inputs.get(0);
    long[] rois = inputs.get(inputs.size() - 1);
    require(rois.length == 2 && rois[1] == Roi.NUMBERS, "regions %s are not (R, 5)", shape(rois));
    require(inputs.size() > 1, "no level");
    for (long[] level : inputs.subList(0, inputs.size() - 1)) {
      require(
          level.length == 4 && level[0] == finest[0] && level[1] == finest[1],
          "levels %s and %s do not fit",
          shape(finest),
          shape(level));
    }
    RoiPooling pooling = pooling(this);
    return List.of(new long[] {rois[0], finest[1], pooling.height(), pooling.width()});
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    RoiAlignKernel kernel = kernels.roiAlign();
    int last = operands.inputs() - 1;
    RoiPooling pooling = pooling(this);
    List<Tensor> levels = operands.ins(0, last);
    Tensor rois = operands.in(last);
    Tensor y = operands.out(0);
    return () -> kernel.forward(levels, rois, pooling, y);
  }

  @Override
  public List<SDVariable> doDiff(List<SDVariable> gradients) {
    return andZeros(
        new RoiAlignGradient(sameDiff, pooling(this), andInputs(gradients.get(0))).gradients());
  }
}
