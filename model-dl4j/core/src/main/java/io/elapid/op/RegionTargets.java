package io.elapid.op;

import io.elapid.box.BoxCoder;
import io.elapid.box.Boxes;
import io.elapid.box.RandomSampler;
import io.elapid.box.RegionSample;
import io.elapid.box.ScoreRules;
import io.elapid.kernel.KernelSet;
import io.elapid.kernel.MaskCrop;
import io.elapid.kernel.Roi;
import io.elapid.kernel.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * What a second stage learns from: per level logits {@code (B, 3, H, W)} and deltas {@code (B, 12,
 * H, W)} of the first one, objects {@code (B, G, 5)} as class (-1 for padding), x1, y1, x2, y2,
 * pictures {@code (B, 6)} and bitmaps {@code (B, G, H, ceil(W / 16))}, 16 pixels a number, the
 * first in the highest bit. Proposals are matched to objects and some of a picture's drawn: R, of
 * which at most P hold objects. Has no gradient.
 *
 * @see RegionSample
 */
public final class RegionTargets extends ElapidOp {
  /** Numbers of a picture: width and height as the network sees it, four quarters of a seed. */
  public static final int PICTURE = 6;

  /** Pixels in a number of a bitmap. */
  public static final int PACKED = 16;

  private static final int NONE = -1;

  /** For SameDiff. */
  public RegionTargets() {}

  private RegionTargets(SameDiff graph, int levels, Settings settings, SDVariable... inputs) {
    super(graph, inputs);
    addIArgument(levels, settings.stride(), settings.classes(), settings.maskSize());
    addIArgument(settings.sampler().count(), settings.proposals());
    addTArgument(settings.sampler().positiveShare());
  }

  /**
   * What does not depend on pictures.
   *
   * @param stride of the finest level
   * @param maskSize side of the masks
   * @param proposals most of a picture
   */
  public record Settings(
      int stride, int classes, int maskSize, int proposals, RandomSampler sampler) {}

  /** The objects of a batch. */
  public record Objects(SDVariable truths, SDVariable pictures, SDVariable bitmaps) {}

  /**
   * What is to be learnt.
   *
   * @param rois (B R, 5)
   * @param labels (B R): classes, their number for the background, -1 for padding
   * @param deltas (B R, 4)
   * @param positive (B R): 1 where the deltas count
   * @param count regions that are not padding, at least 1
   * @param maskRois (B P, 5)
   * @param maskLabels (B P), -1 for padding
   * @param masks (B P, size x size)
   * @param masked (B P): 1 for what is not padding
   * @param pixels of all masks, at least 1
   */
  public record Targets(
      SDVariable rois,
      SDVariable labels,
      SDVariable deltas,
      SDVariable positive,
      SDVariable count,
      SDVariable maskRois,
      SDVariable maskLabels,
      SDVariable masks,
      SDVariable masked,
      SDVariable pixels) {}

  /** Adds the op. */
  public static Targets apply(
      SameDiff graph,
      List<SDVariable> logits,
      List<SDVariable> deltas,
      Objects objects,
      Settings settings) {
    List<SDVariable> inputs = new ArrayList<>(logits);
    inputs.addAll(deltas);
    inputs.addAll(List.of(objects.truths(), objects.pictures(), objects.bitmaps()));
    SDVariable[] out =
        new RegionTargets(graph, logits.size(), settings, inputs.toArray(SDVariable[]::new))
            .outputVariables();
    return new Targets(
        out[0], out[1], out[2], out[3], out[4], out[5], out[6], out[7], out[8], out[9]);
  }

  private RandomSampler sampler() {
    return new RandomSampler(attribute(4), tArguments.get(0));
  }

  @Override
  public String opName() {
    return "elapid_region_targets";
  }

  @Override
  public int getNumOutputs() {
    return 10;
  }

  @Override
  List<long[]> outputShapes(List<long[]> inputs) {
    long batch = inputs.get(0)[0];
    long[] truths = inputs.get(2 * attribute(0));
    long[] bitmaps = inputs.get(2 * attribute(0) + 2);
    require(
        truths.length == 3
            && bitmaps.length == 4
            && truths[1] == bitmaps[1]
            && truths[2] == Roi.NUMBERS,
        "objects %s and bitmaps %s do not fit",
        shape(truths),
        shape(bitmaps));
    long regions = batch * sampler().count();
    long masks = batch * sampler().mostPositives();
    long pixels = (long) attribute(3) * attribute(3);
    return List.of(
        new long[] {regions, Roi.NUMBERS},
        new long[] {regions},
        new long[] {regions, 4},
        new long[] {regions},
        new long[0],
        new long[] {masks, Roi.NUMBERS},
        new long[] {masks},
        new long[] {masks, pixels},
        new long[] {masks},
        new long[0]);
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    int levels = attribute(0);
    RegionInputs.FirstStage stage =
        RegionInputs.FirstStage.of(
            operands,
            levels,
            attribute(1),
            ScoreRules.TRAINING_PROPOSALS.withLimit(attribute(5)),
            kernels);
    List<Tensor> objects = operands.ins(2 * levels, 2 * levels + 3);
    Writer writer =
        new Writer(
            operands.outs(0, getNumOutputs()), objects, sampler(), attribute(2), attribute(3));
    return () -> {
      kernels.settle();
      writer.clear();
      for (int image = 0; image < objects.get(1).dim(0); image++) {
        writer.write(image, stage.proposals(objects.get(1), image));
      }
      writer.finish();
    };
  }

  /** Writes the targets of one picture after the other. */
  private static final class Writer {
    private final List<Tensor> out;
    private final List<Tensor> objects;
    private final RandomSampler sampler;
    private final int classes;
    private final int size;
    private int regions;
    private int masks;

    Writer(List<Tensor> out, List<Tensor> objects, RandomSampler sampler, int classes, int size) {
      this.sampler = sampler;
      this.out = out;
      this.objects = objects;
      this.classes = classes;
      this.size = size;
    }

    void clear() {
      regions = 0;
      masks = 0;
      out.forEach(tensor -> tensor.fill(0));
      for (int row = 0; row < out.get(1).size(); row++) {
        RegionInputs.pad(out.get(0), row);
      }
      for (int row = 0; row < out.get(6).size(); row++) {
        RegionInputs.pad(out.get(5), row);
      }
      out.get(1).fill(NONE);
      out.get(6).fill(NONE);
    }

    void write(int image, Boxes proposals) {
      Boxes truths = truths(image);
      RegionSample sample =
          RegionSample.draw(proposals, truths, sampler, RegionInputs.seed(objects.get(1), image));
      float[] delta = new float[4];
      for (int i = 0; i < sample.regions().size(); i++) {
        int row = image * sampler.count() + i;
        RegionInputs.put(out.get(0), row, image, sample.regions(), i);
        boolean positive = i < sample.positives();
        out.get(1).put(row, positive ? label(image, sample.truths()[i]) : classes);
        if (positive) {
          BoxCoder.SCALED.encode(sample.regions(), i, truths, sample.truths()[i], delta, 0);
          for (int k = 0; k < delta.length; k++) {
            out.get(2).put(4 * row + k, delta[k]);
          }
          out.get(3).put(row, 1);
        }
      }
      regions += sample.regions().size();
      masks(image, sample);
    }

    private Boxes truths(int image) {
      int count = 0;
      while (count < objects.get(0).dim(1) && label(image, count) != NONE) {
        count++;
      }
      float[] corners = new float[4 * count];
      int first = image * objects.get(0).sizeFrom(1);
      for (int i = 0; i < corners.length; i++) {
        corners[i] = (float) objects.get(0).at(first + i / 4 * Roi.NUMBERS + 1 + i % 4);
      }
      return new Boxes(corners);
    }

    private int label(int image, int truth) {
      return (int) objects.get(0).at(image * objects.get(0).sizeFrom(1) + truth * Roi.NUMBERS);
    }

    private void masks(int image, RegionSample sample) {
      byte[][] bitmaps = new byte[objects.get(0).dim(1)][];
      float[] target = new float[size * size];
      Tensor packed = objects.get(2);
      int width = packed.dim(3) * PACKED;
      for (int i = 0; i < sample.positives(); i++) {
        int truth = sample.truths()[i];
        if (bitmaps[truth] == null) {
          bitmaps[truth] = bitmap(image, truth);
        }
        int row = image * sampler.mostPositives() + i;
        Boxes boxes = sample.regions();
        RegionInputs.put(out.get(5), row, image, boxes, i);
        Roi box = new Roi(image, boxes.left(i), boxes.top(i), boxes.right(i), boxes.bottom(i));
        MaskCrop.target(bitmaps[truth], width, packed.dim(2), box, size, target, 0);
        for (int k = 0; k < target.length; k++) {
          out.get(7).put(row * target.length + k, target[k]);
        }
        out.get(6).put(row, label(image, truth));
        out.get(8).put(row, 1);
      }
      masks += sample.positives();
    }

    private byte[] bitmap(int image, int truth) {
      Tensor packed = objects.get(2);
      int numbers = packed.sizeFrom(2);
      int first = (image * packed.dim(1) + truth) * numbers;
      byte[] bitmap = new byte[numbers * PACKED];
      for (int i = 0; i < numbers; i++) {
        int bits = (int) packed.at(first + i);
        for (int k = 0; bits != 0 && k < PACKED; k++) {
          bitmap[i * PACKED + k] = (byte) ((bits >> (PACKED - 1 - k)) & 1);
        }
      }
      return bitmap;
    }

    void finish() {
      out.get(4).put(0, Math.max(regions, 1));
      out.get(9).put(0, Math.max((double) masks * size * size, 1));
    }
  }

  /** Regions are not learnt from, and targets are given. */
  @Override
  public List<SDVariable> doDiff(List<SDVariable> gradients) {
    return List.of();
  }
}
