package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.WIDTH;

import io.elapid.kernel.OptimizerKernel;
import io.elapid.kernel.Tensor;
import io.elapid.kernel.Workers;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Shared among threads by blocks of elements. What is left over of a range behind its last whole
 * register is computed one by one in the same operations, none of them fused, so that it does not
 * matter where a block begins.
 */
final class VectorOptimizer implements OptimizerKernel {
  private static final int BLOCK = 1 << 14;

  /** Numbers copied at a time, which stay in the nearest cache. */
  private static final int COPIED = 1 << 12;

  private final Workers workers;
  private final OptimizerKernel reference;

  VectorOptimizer(Workers workers, OptimizerKernel reference) {
    this.workers = workers;
    this.reference = reference;
  }

  @Override
  public void adamW(Vectors vectors, List<Range> ranges, Coefficients c) {
    if (!Lanes.areFloat(vectors.parameters())) {
      reference.adamW(vectors, ranges, c);
      return;
    }
    forBlocks(
        vectors.parameters(),
        (from, to) -> {
          for (Range range : ranges) {
            int first = Math.max(from, range.from());
            int end = Math.min(to, range.to());
            if (first < end) {
              Sweep sweep = Sweep.of(vectors, c, range);
              int whole = first + Lanes.bound(end - first);
              sweep(sweep, first, whole);
              rest(sweep, whole, end);
              vectors
                  .average()
                  .ifPresent(
                      a -> blend(a.bytes(), c.average(), sweep.p, 1 - c.average(), first, end));
            }
          }
        });
  }

  /** One range's update with the constants as float32. */
  private record Sweep(
      ByteBuffer p,
      ByteBuffer g,
      ByteBuffer m,
      ByteBuffer v,
      float gradient,
      float rest1,
      float beta2,
      float rest2,
      float keep,
      float step,
      float root,
      float epsilon) {
    static Sweep of(Vectors vectors, Coefficients c, Range range) {
      return new Sweep(
          vectors.parameters().bytes(),
          vectors.gradients().bytes(),
          vectors.firstMoment().bytes(),
          vectors.secondMoment().bytes(),
          (float) c.gradient(),
          (float) (1 - c.beta1()),
          (float) c.beta2(),
          (float) (1 - c.beta2()),
          (float) range.keep(),
          (float) (range.rate() * c.step()),
          (float) c.root(),
          (float) c.epsilon());
    }
  }

  private static void sweep(Sweep s, int from, int to) {
    ByteBuffer p = s.p;
    ByteBuffer g = s.g;
    ByteBuffer m = s.m;
    ByteBuffer v = s.v;
    FloatVector gradient = Lanes.all(s.gradient);
    FloatVector rest1 = Lanes.all(s.rest1);
    FloatVector beta2 = Lanes.all(s.beta2);
    FloatVector rest2 = Lanes.all(s.rest2);
    FloatVector keep = Lanes.all(s.keep);
    FloatVector step = Lanes.all(s.step);
    FloatVector root = Lanes.all(s.root);
    FloatVector epsilon = Lanes.all(s.epsilon);
    for (int i = from; i < to; i += WIDTH) {
      FloatVector gi = Lanes.load(g, i).mul(gradient);
      FloatVector mi = Lanes.load(m, i);
      mi = mi.add(rest1.mul(gi.sub(mi)));
      FloatVector vi = beta2.mul(Lanes.load(v, i)).add(rest2.mul(gi).mul(gi));
      Lanes.store(mi, m, i);
      Lanes.store(vi, v, i);
      FloatVector move = step.mul(mi).div(vi.lanewise(VectorOperators.SQRT).mul(root).add(epsilon));
      Lanes.store(Lanes.load(p, i).mul(keep).sub(move), p, i);
    }
  }

  private static void rest(Sweep s, int from, int to) {
    for (int i = from; i < to; i++) {
      float gi = Lanes.get(s.g, i) * s.gradient;
      float mi = Lanes.get(s.m, i);
      mi += s.rest1 * (gi - mi);
      float vi = s.beta2 * Lanes.get(s.v, i) + s.rest2 * gi * gi;
      Lanes.put(s.m, i, mi);
      Lanes.put(s.v, i, vi);
      float move = s.step * mi / ((float) Math.sqrt(vi) * s.root + s.epsilon);
      Lanes.put(s.p, i, Lanes.get(s.p, i) * s.keep - move);
    }
  }

  @Override
  public double squares(Tensor x) {
    if (!Lanes.areFloat(x)) {
      return reference.squares(x);
    }
    int blocks = blocks(x);
    double[] sums = new double[blocks];
    workers.forEach(
        blocks,
        BLOCK,
        (first, end) -> {
          for (int block = first; block < end; block++) {
            int from = block * BLOCK;
            sums[block] = squares(x.bytes(), from, from + Math.min(BLOCK, x.size() - from));
          }
        });
    double sum = 0;
    for (double one : sums) {
      sum += one;
    }
    return sum;
  }

  /**
   * Eight independent sums: one alone would wait for each addition to finish. Without registers:
   * one of floats that widens to one of doubles is half as wide as those of all other loops, and
   * with two widths in a process the compiler keeps both on the heap. Of arrays, whose bounds the
   * compiler checks once for a loop and not at every access.
   */
  private static double squares(ByteBuffer x, int from, int to) {
    FloatBuffer floats = x.asFloatBuffer();
    float[] values = new float[Math.min(COPIED, to - from)];
    double[] sums = new double[8];
    for (int i = from; i < to; i += COPIED) {
      int count = Math.min(COPIED, to - i);
      floats.get(i, values, 0, count);
      addSquares(values, count, sums);
    }
    return sums[0] + sums[1] + (sums[2] + sums[3]) + (sums[4] + sums[5] + (sums[6] + sums[7]));
  }

  private static void addSquares(float[] values, int count, double[] sums) {
    double s0 = sums[0];
    double s1 = sums[1];
    double s2 = sums[2];
    double s3 = sums[3];
    double s4 = sums[4];
    double s5 = sums[5];
    double s6 = sums[6];
    double s7 = sums[7];
    int i = 0;
    for (; i <= count - 8; i += 8) {
      s0 += square(values[i]);
      s1 += square(values[i + 1]);
      s2 += square(values[i + 2]);
      s3 += square(values[i + 3]);
      s4 += square(values[i + 4]);
      s5 += square(values[i + 5]);
      s6 += square(values[i + 6]);
      s7 += square(values[i + 7]);
    }
    for (; i < count; i++) {
      s0 += square(values[i]);
    }
    sums[0] = s0;
    sums[1] = s1;
    sums[2] = s2;
    sums[3] = s3;
    sums[4] = s4;
    sums[5] = s5;
    sums[6] = s6;
    sums[7] = s7;
  }

  private static double square(double value) {
    return value * value;
  }

  @Override
  public void clipUnits(Tensor parameters, Tensor gradients, List<Units> units, UnitClip clip) {
    if (!Lanes.areFloat(gradients)) {
      reference.clipUnits(parameters, gradients, units, clip);
      return;
    }
    ByteBuffer p = parameters.bytes();
    ByteBuffer g = gradients.bytes();
    for (Units some : units) {
      workers.forEach(
          some.count(),
          some.length(),
          (first, end) -> {
            for (int unit = first; unit < end; unit++) {
              int from = some.from() + unit * some.length();
              clipUnit(p, g, from, from + some.length(), clip);
            }
          });
    }
  }

  private static void clipUnit(ByteBuffer p, ByteBuffer g, int from, int to, UnitClip clip) {
    double coefficient = clip.coefficient(squares(p, from, to), squares(g, from, to));
    if (coefficient != 1) {
      scale(g, (float) coefficient, g, from, to);
    }
  }

  @Override
  public void blend(Tensor y, double keep, Tensor x, double take) {
    if (!Lanes.areFloat(y)) {
      reference.blend(y, keep, x, take);
      return;
    }
    forBlocks(y, (from, to) -> blend(y.bytes(), keep, x.bytes(), take, from, to));
  }

  private static void blend(
      ByteBuffer y, double keep, ByteBuffer x, double take, int from, int to) {
    FloatVector kept = Lanes.all((float) keep);
    FloatVector taken = Lanes.all((float) take);
    int whole = from + Lanes.bound(to - from);
    for (int i = from; i < whole; i += WIDTH) {
      Lanes.store(kept.mul(Lanes.load(y, i)).add(taken.mul(Lanes.load(x, i))), y, i);
    }
    for (int i = whole; i < to; i++) {
      Lanes.put(y, i, (float) keep * Lanes.get(y, i) + (float) take * Lanes.get(x, i));
    }
  }

  @Override
  public void scale(Tensor x, double factor, Tensor y) {
    if (!Lanes.areFloat(y)) {
      reference.scale(x, factor, y);
      return;
    }
    forBlocks(y, (from, to) -> scale(x.bytes(), (float) factor, y.bytes(), from, to));
  }

  private static void scale(ByteBuffer x, float factor, ByteBuffer y, int from, int to) {
    int whole = from + Lanes.bound(to - from);
    for (int i = from; i < whole; i += WIDTH) {
      Lanes.store(Lanes.load(x, i).mul(factor), y, i);
    }
    for (int i = whole; i < to; i++) {
      Lanes.put(y, i, Lanes.get(x, i) * factor);
    }
  }

  /** Calls {@code body} with the elements of one block after the other, each thread with some. */
  private void forBlocks(Tensor tensor, Workers.Range body) {
    workers.forEach(
        blocks(tensor),
        BLOCK,
        (first, end) -> {
          for (int block = first; block < end; block++) {
            int from = block * BLOCK;
            body.run(from, from + Math.min(BLOCK, tensor.size() - from));
          }
        });
  }

  private static int blocks(Tensor tensor) {
    return (int) (((long) tensor.size() + BLOCK - 1) / BLOCK);
  }
}
