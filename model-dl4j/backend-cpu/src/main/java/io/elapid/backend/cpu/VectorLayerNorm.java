package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.WIDTH;

import io.elapid.kernel.LayerNormKernel;
import io.elapid.kernel.Tensor;
import io.elapid.kernel.Workers;
import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * A register holds neighbouring positions and walks down the channels. The last register of a row
 * may overlap the one before: each position is computed the same way in either, so what is written
 * twice is the same.
 */
final class VectorLayerNorm implements LayerNormKernel {
  private final Workers workers;
  private final LayerNormKernel reference;

  VectorLayerNorm(Workers workers, LayerNormKernel reference) {
    this.workers = workers;
    this.reference = reference;
  }

  private static boolean fits(Tensor x) {
    return Lanes.areFloat(x) && x.sizeFrom(2) >= WIDTH;
  }

  @Override
  public void forward(Forward a) {
    if (!fits(a.x())) {
      reference.forward(a);
      return;
    }
    int length = a.x().sizeFrom(2);
    workers.forEach(
        a.x().dim(0),
        a.x().sizeFrom(1),
        (from, to) -> {
          for (int b = from; b < to; b++) {
            for (int l = 0; l < length; l += WIDTH) {
              normalise(a, b, Math.min(l, length - WIDTH), length);
            }
          }
        });
  }

  private static void normalise(Forward a, int b, int l, int length) {
    int channels = a.x().dim(1);
    ByteBuffer x = a.x().bytes();
    int start = b * channels * length + l;
    FloatVector mean = sum(x, start, channels, length).div(channels);
    FloatVector variance = squares(x, start, channels, length, mean).div(channels);
    FloatVector invStd =
        Lanes.all(1f).div(variance.add((float) a.eps()).lanewise(VectorOperators.SQRT));
    Lanes.store(mean, a.mean().bytes(), b * length + l);
    Lanes.store(invStd, a.invStd().bytes(), b * length + l);
    ByteBuffer weight = a.weight().bytes();
    ByteBuffer bias = a.bias().bytes();
    ByteBuffer y = a.y().bytes();
    for (int c = 0, i = start; c < channels; c++, i += length) {
      FloatVector xhat = Lanes.load(x, i).sub(mean).mul(invStd);
      Lanes.store(
          xhat.lanewise(
              VectorOperators.FMA, Lanes.all(Lanes.get(weight, c)), Lanes.all(Lanes.get(bias, c))),
          y,
          i);
    }
  }

  private static FloatVector sum(ByteBuffer x, int start, int channels, int length) {
    FloatVector even = Lanes.zero();
    FloatVector odd = Lanes.zero();
    int c = 0;
    int i = start;
    for (; c < channels - 1; c += 2, i += 2 * length) {
      even = even.add(Lanes.load(x, i));
      odd = odd.add(Lanes.load(x, i + length));
    }
    if (c < channels) {
      even = even.add(Lanes.load(x, i));
    }
    return even.add(odd);
  }

  private static FloatVector squares(
      ByteBuffer x, int start, int channels, int length, FloatVector mean) {
    FloatVector even = Lanes.zero();
    FloatVector odd = Lanes.zero();
    int c = 0;
    int i = start;
    for (; c < channels - 1; c += 2, i += 2 * length) {
      FloatVector d0 = Lanes.load(x, i).sub(mean);
      FloatVector d1 = Lanes.load(x, i + length).sub(mean);
      even = d0.lanewise(VectorOperators.FMA, d0, even);
      odd = d1.lanewise(VectorOperators.FMA, d1, odd);
    }
    if (c < channels) {
      FloatVector d = Lanes.load(x, i).sub(mean);
      even = d.lanewise(VectorOperators.FMA, d, even);
    }
    return even.add(odd);
  }

  @Override
  public void gradient(Gradient a) {
    if (!fits(a.x())) {
      reference.gradient(a);
      return;
    }
    int length = a.x().sizeFrom(2);
    workers.forEach(
        a.x().dim(0),
        a.x().sizeFrom(1),
        (from, to) -> {
          for (int b = from; b < to; b++) {
            for (int l = 0; l < length; l += WIDTH) {
              inputGradient(a, b, Math.min(l, length - WIDTH), length);
            }
          }
        });
    // By channel, so that no sum depends on how samples were dealt out to threads.
    workers.forEach(
        a.x().dim(1),
        a.x().size() / a.x().dim(1),
        (from, to) -> {
          for (int c = from; c < to; c++) {
            parameterGradient(a, c, length);
          }
        });
  }

  private static void inputGradient(Gradient a, int b, int l, int length) {
    int channels = a.x().dim(1);
    ByteBuffer x = a.x().bytes();
    ByteBuffer dy = a.dy().bytes();
    ByteBuffer weight = a.weight().bytes();
    ByteBuffer dx = a.dx().bytes();
    int start = b * channels * length + l;
    FloatVector mean = Lanes.load(a.mean().bytes(), b * length + l);
    FloatVector invStd = Lanes.load(a.invStd().bytes(), b * length + l);
    FloatVector sum = Lanes.zero();
    FloatVector dot = Lanes.zero();
    for (int c = 0, i = start; c < channels; c++, i += length) {
      FloatVector g = Lanes.load(dy, i).mul(Lanes.get(weight, c));
      sum = sum.add(g);
      dot = g.lanewise(VectorOperators.FMA, Lanes.load(x, i).sub(mean), dot);
    }
    FloatVector offset = sum.div(channels).neg();
    FloatVector slope = dot.mul(invStd).mul(invStd).div(channels).neg();
    for (int c = 0, i = start; c < channels; c++, i += length) {
      FloatVector g = Lanes.load(dy, i).mul(Lanes.get(weight, c));
      FloatVector rest = Lanes.load(x, i).sub(mean).lanewise(VectorOperators.FMA, slope, offset);
      Lanes.store(g.add(rest).mul(invStd), dx, i);
    }
  }

  private static void parameterGradient(Gradient a, int c, int length) {
    int channels = a.x().dim(1);
    ByteBuffer x = a.x().bytes();
    ByteBuffer dy = a.dy().bytes();
    ByteBuffer mean = a.mean().bytes();
    ByteBuffer invStd = a.invStd().bytes();
    FloatVector dot = Lanes.zero();
    FloatVector sum = Lanes.zero();
    float restDot = 0;
    float restSum = 0;
    for (int b = 0; b < a.x().dim(0); b++) {
      int start = (b * channels + c) * length;
      int position = b * length;
      int l = 0;
      for (; l <= length - WIDTH; l += WIDTH) {
        FloatVector g = Lanes.load(dy, start + l);
        FloatVector xhat =
            Lanes.load(x, start + l)
                .sub(Lanes.load(mean, position + l))
                .mul(Lanes.load(invStd, position + l));
        sum = sum.add(g);
        dot = g.lanewise(VectorOperators.FMA, xhat, dot);
      }
      for (; l < length; l++) {
        float g = Lanes.get(dy, start + l);
        restSum += g;
        restDot +=
            g
                * (Lanes.get(x, start + l) - Lanes.get(mean, position + l))
                * Lanes.get(invStd, position + l);
      }
    }
    a.dweight().put(c, Lanes.sum(dot) + restDot);
    a.dbias().put(c, Lanes.sum(sum) + restSum);
  }
}
