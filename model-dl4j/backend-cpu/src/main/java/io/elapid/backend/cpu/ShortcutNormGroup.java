package io.elapid.backend.cpu;

import io.elapid.backend.cpu.ShortcutNormRows.Backward;
import io.elapid.backend.cpu.ShortcutNormRows.Inner;
import io.elapid.kernel.ShortcutNormKernel.Forward;
import io.elapid.kernel.ShortcutNormKernel.Gradient;
import io.elapid.kernel.ShortcutNormKernel.Parameters;
import io.elapid.kernel.ShortcutNormKernel.Saved;
import io.elapid.kernel.Tensor;
import java.nio.ByteBuffer;

/** Two norms and the sum between them for the channels {@code [first, end)}. */
record ShortcutNormGroup(ChannelRows rows, int first, int end) {
  private int channels() {
    return end - first;
  }

  void run(Forward a) {
    ByteBuffer u = a.u().bytes();
    ByteBuffer x = a.x().bytes();
    Parameters by = a.parameters();
    double[] variances =
        VectorBatchNorm.putMoments(
            rows,
            first,
            end,
            (start, pivots, sums) ->
                BatchNormRows.addMoments(u, start, rows.length(), pivots, sums),
            a.inner().mean(),
            a.inner().variance());
    putInvStds(variances, a.eps(), a.inner().invStd());
    Inner inner = inner(by, new Saved(a.inner().mean(), a.inner().invStd()));
    variances = putOuterMoments(u, x, inner, a);
    putInvStds(variances, a.eps(), a.outer().invStd());
    BatchNormAffines outer =
        BatchNormAffines.of(
            by.outerGamma(), by.outerBeta(), first, end, a.outer().mean(), a.outer().invStd());
    for (int b = 0; b < rows.batch(); b++) {
      ShortcutNormRows.normalise(
          u, x, rows.row(b, first), rows.length(), inner, outer, a.y().bytes());
    }
  }

  private void putInvStds(double[] variances, double eps, Tensor invStds) {
    for (int c = first; c < end; c++) {
      invStds.put(c, 1 / Math.sqrt(variances[c - first] + eps));
    }
  }

  /** What the inner norm and the shortcut do: {@code s = scale u + factor x + shift}. */
  private Inner inner(Parameters by, Saved saved) {
    BatchNormAffines norm =
        BatchNormAffines.of(
            by.innerGamma(), by.innerBeta(), first, end, saved.mean(), saved.invStd());
    float[] factors = new float[channels()];
    float[] shifts = new float[channels()];
    for (int c = first; c < end; c++) {
      factors[c - first] = (float) (1 + by.weight().at(c));
      shifts[c - first] = norm.shifts()[c - first] + (float) by.bias().at(c);
    }
    return new Inner(norm.scales(), factors, shifts);
  }

  /** As {@link VectorBatchNorm#putMoments} of the sum. */
  private double[] putOuterMoments(ByteBuffer u, ByteBuffer x, Inner inner, Forward a) {
    return VectorBatchNorm.putMoments(
        rows,
        first,
        end,
        (start, pivots, sums) ->
            ShortcutNormRows.addMoments(u, x, start, rows.length(), inner, pivots, sums),
        a.outer().mean(),
        a.outer().variance());
  }

  void run(Gradient a) {
    ByteBuffer dy = a.dy().bytes();
    ByteBuffer u = a.u().bytes();
    ByteBuffer x = a.x().bytes();
    int length = rows.length();
    Inner inner = inner(a.parameters(), a.inner());
    BatchNormAffines outer =
        BatchNormAffines.of(
            a.parameters().outerGamma(),
            a.parameters().outerBeta(),
            first,
            end,
            a.outer().mean(),
            a.outer().invStd());
    BatchNormGroup sums = new BatchNormGroup(rows, first, end);
    sums.sum(
        rows.batch(),
        (start, registers) ->
            ShortcutNormRows.addOuterSums(
                dy, u, x, start, length, inner, outer.means(), registers));
    Backward ofOuter = backward(outer, sums, a.gradients().outerGamma(), a.gradients().outerBeta());
    BatchNormAffines norm =
        BatchNormAffines.of(
            a.parameters().innerGamma(),
            a.parameters().innerBeta(),
            first,
            end,
            a.inner().mean(),
            a.inner().invStd());
    sums = new BatchNormGroup(rows, first, end, ShortcutNormRows.INNER_SUMS);
    sums.sum(
        rows.batch(),
        (start, registers) ->
            ShortcutNormRows.addInnerSums(
                dy, u, x, start, length, inner, ofOuter, norm.means(), registers));
    for (int c = first; c < end; c++) {
      a.gradients().bias().put(c, sums.first(c));
      a.gradients().weight().put(c, sums.total(c, 2));
    }
    Backward ofInner = backward(norm, sums, a.gradients().innerGamma(), a.gradients().innerBeta());
    for (int b = 0; b < rows.batch(); b++) {
      ShortcutNormRows.inputGradients(
          dy,
          u,
          x,
          rows.row(b, first),
          length,
          inner,
          ofOuter,
          ofInner,
          a.du().bytes(),
          a.dx().bytes());
    }
  }

  /** From the sums of g and of {@code g (v - mean)}, v being what the norm read. */
  private Backward backward(
      BatchNormAffines norm, BatchNormGroup sums, Tensor dgamma, Tensor dbeta) {
    float[] slopes = new float[channels()];
    float[] offsets = new float[channels()];
    for (int c = first; c < end; c++) {
      int i = c - first;
      double invStd = norm.invStds()[i];
      double dot = sums.second(c) * invStd;
      dbeta.put(c, sums.first(c));
      dgamma.put(c, dot);
      double slope = -norm.scales()[i] * dot * invStd / rows.values();
      slopes[i] = (float) slope;
      offsets[i] = (float) (-norm.scales()[i] * sums.first(c) / rows.values());
    }
    return new Backward(norm.means(), norm.scales(), slopes, offsets);
  }
}
