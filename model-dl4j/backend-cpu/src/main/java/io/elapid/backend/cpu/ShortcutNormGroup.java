package io.elapid.backend.cpu;

import io.elapid.backend.cpu.BatchNormRows.Slopes;
import io.elapid.backend.cpu.ShortcutNormRows.Inner;
import io.elapid.kernel.ShortcutNormKernel.Forward;
import io.elapid.kernel.ShortcutNormKernel.Gradient;
import io.elapid.kernel.ShortcutNormKernel.Parameters;
import io.elapid.kernel.ShortcutNormKernel.Saved;
import io.elapid.kernel.Tensor;
import java.nio.ByteBuffer;

/** Two norms and the sum between them for the channels {@code [first, end)}. */
record ShortcutNormGroup(ChannelRows rows, int first, int end) {
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
    BatchNormAffines outer = outerNorm(by, new Saved(a.outer().mean(), a.outer().invStd()));
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
    BatchNormAffines norm = innerNorm(by, saved);
    float[] factors = new float[end - first];
    float[] shifts = new float[end - first];
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
    BatchNormAffines outerNorm = outerNorm(a.parameters(), a.outer());
    BatchNormGroup outerSums = new BatchNormGroup(rows, first, end);
    outerSums.sum(
        rows.batch(),
        (start, registers) ->
            ShortcutNormRows.addOuterSums(
                dy, u, x, start, length, inner, outerNorm.means(), registers));
    Parameters out = a.gradients();
    Slopes outer = outerSums.slopes(outerNorm, rows.values(), out.outerGamma(), out.outerBeta());
    BatchNormAffines innerNorm = innerNorm(a.parameters(), a.inner());
    BatchNormGroup sums = new BatchNormGroup(rows, first, end, ShortcutNormRows.INNER_SUMS);
    sums.sum(
        rows.batch(),
        (start, registers) ->
            ShortcutNormRows.addInnerSums(
                dy, u, x, start, length, inner, outer, innerNorm.means(), registers));
    for (int c = first; c < end; c++) {
      out.bias().put(c, sums.first(c));
      out.weight().put(c, sums.total(c, 2));
    }
    Slopes slopes = sums.slopes(innerNorm, rows.values(), out.innerGamma(), out.innerBeta());
    ByteBuffer du = a.du().bytes();
    ByteBuffer dx = a.dx().bytes();
    for (int b = 0; b < rows.batch(); b++) {
      ShortcutNormRows.inputGradients(
          dy, u, x, rows.row(b, first), length, inner, outer, slopes, du, dx);
    }
  }

  private BatchNormAffines innerNorm(Parameters by, Saved saved) {
    return BatchNormAffines.of(
        by.innerGamma(), by.innerBeta(), first, end, saved.mean(), saved.invStd());
  }

  private BatchNormAffines outerNorm(Parameters by, Saved saved) {
    return BatchNormAffines.of(
        by.outerGamma(), by.outerBeta(), first, end, saved.mean(), saved.invStd());
  }
}
