package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.WIDTH;

import io.elapid.kernel.ActivationKind;
import io.elapid.kernel.BatchNormKernel;
import io.elapid.kernel.Tensor;
import io.elapid.kernel.Workers;
import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Channel by channel: a channel of a batch stays in the cache between the passes over it. */
final class VectorBatchNorm implements BatchNormKernel {
  /** Sums run in float over about this many values, then go on in double. */
  private static final int CHUNK = 4096;

  private final Workers workers;
  private final BatchNormKernel reference;

  VectorBatchNorm(Workers workers, BatchNormKernel reference) {
    this.workers = workers;
    this.reference = reference;
  }

  /**
   * Where a channel's values lie: {@code length} in a row for each of {@code batch} samples, {@code
   * step} apart.
   */
  private record Plane(int start, int step, int batch, int length) {
    static Plane of(Tensor x, int channel) {
      int length = x.sizeFrom(2);
      return new Plane(channel * length, x.dim(1) * length, x.dim(0), length);
    }

    int values() {
      return batch * length;
    }

    int chunk() {
      return Math.max(1, CHUNK / length);
    }
  }

  @Override
  public void train(Train a) {
    if (!Lanes.areFloat(a.x())) {
      reference.train(a);
      return;
    }
    workers.forEach(
        a.x().dim(1),
        a.x().size() / a.x().dim(1),
        (from, to) -> {
          for (int c = from; c < to; c++) {
            trainChannel(a, c);
          }
        });
  }

  private static void trainChannel(Train a, int c) {
    ByteBuffer x = a.x().bytes();
    Plane plane = Plane.of(a.x(), c);
    double sum = 0;
    for (int b = 0; b < plane.batch; b += plane.chunk()) {
      sum += sum(x, plane, b, Math.min(plane.batch, b + plane.chunk()));
    }
    int values = plane.values();
    float mean = (float) (sum / values);
    double squares = 0;
    for (int b = 0; b < plane.batch; b += plane.chunk()) {
      squares += squares(x, plane, b, Math.min(plane.batch, b + plane.chunk()), mean);
    }
    double rounding = sum / values - mean;
    double variance = Math.max(0, squares / values - rounding * rounding);
    float invStd =
        (float) (1 / Math.sqrt((Double.isNaN(squares) ? Double.NaN : variance) + a.eps()));
    a.mean().put(c, mean);
    a.variance().put(c, values > 1 ? variance * values / (values - 1) : variance);
    a.invStd().put(c, invStd);
    float scale = scale(a.gamma(), c, invStd);
    map(
        x,
        plane,
        scale,
        shift(a.beta(), c, mean, scale),
        a.activation() == ActivationKind.RELU,
        a.y().bytes());
  }

  @Override
  public void inference(Inference a) {
    if (!Lanes.areFloat(a.x())) {
      reference.inference(a);
      return;
    }
    workers.forEach(
        a.x().dim(1),
        a.x().size() / a.x().dim(1),
        (from, to) -> {
          for (int c = from; c < to; c++) {
            float scale = scale(a.gamma(), c, invStd(a.variance(), c, a.eps()));
            float shift = shift(a.beta(), c, (float) a.mean().at(c), scale);
            map(
                a.x().bytes(),
                Plane.of(a.x(), c),
                scale,
                shift,
                a.activation() == ActivationKind.RELU,
                a.y().bytes());
          }
        });
  }

  @Override
  public void trainGradient(TrainGradient a) {
    if (!Lanes.areFloat(a.x())) {
      reference.trainGradient(a);
      return;
    }
    workers.forEach(
        a.x().dim(1),
        a.x().size() / a.x().dim(1),
        (from, to) -> {
          for (int c = from; c < to; c++) {
            float mean = (float) a.mean().at(c);
            float invStd = (float) a.invStd().at(c);
            Channel channel =
                channel(a.x(), a.dy(), a.gamma(), a.beta(), c, mean, invStd, a.activation());
            double[] sums = channel.sums();
            a.dbeta().put(c, sums[0]);
            a.dgamma().put(c, sums[1] * invStd);
            int values = channel.plane.values();
            float slope = (float) (-channel.scale * sums[1] * invStd * invStd / values);
            channel.inputGradient(
                slope, (float) (-channel.scale * sums[0] / values), a.dx().bytes());
          }
        });
  }

  @Override
  public void inferenceGradient(InferenceGradient a) {
    if (!Lanes.areFloat(a.x())) {
      reference.inferenceGradient(a);
      return;
    }
    workers.forEach(
        a.x().dim(1),
        a.x().size() / a.x().dim(1),
        (from, to) -> {
          for (int c = from; c < to; c++) {
            float mean = (float) a.mean().at(c);
            float invStd = invStd(a.variance(), c, a.eps());
            Channel channel =
                channel(a.x(), a.dy(), a.gamma(), a.beta(), c, mean, invStd, a.activation());
            double[] sums = channel.sums();
            a.dbeta().put(c, sums[0]);
            a.dgamma().put(c, sums[1] * invStd);
            channel.inputGradient(0, 0, a.dx().bytes());
          }
        });
  }

  private static float invStd(Tensor variance, int c, double eps) {
    return (float) (1 / Math.sqrt(variance.at(c) + eps));
  }

  private static float scale(Tensor gamma, int c, float invStd) {
    return (float) gamma.at(c) * invStd;
  }

  private static float shift(Tensor beta, int c, float mean, float scale) {
    return Math.fma(-mean, scale, (float) beta.at(c));
  }

  private static Channel channel(
      Tensor x,
      Tensor dy,
      Tensor gamma,
      Tensor beta,
      int c,
      float mean,
      float invStd,
      ActivationKind activation) {
    float scale = scale(gamma, c, invStd);
    float shift = shift(beta, c, mean, scale);
    return new Channel(
        x.bytes(),
        dy.bytes(),
        Plane.of(x, c),
        mean,
        scale,
        shift,
        activation == ActivationKind.RELU);
  }

  private static double sum(ByteBuffer x, Plane p, int from, int to) {
    FloatVector s0 = Lanes.zero();
    FloatVector s1 = Lanes.zero();
    float rest = 0;
    int length = p.length;
    for (int b = from; b < to; b++) {
      int i = p.start + b * p.step;
      int end = i + length;
      for (; i <= end - 2 * WIDTH; i += 2 * WIDTH) {
        s0 = s0.add(Lanes.load(x, i));
        s1 = s1.add(Lanes.load(x, i + WIDTH));
      }
      if (i <= end - WIDTH) {
        s0 = s0.add(Lanes.load(x, i));
        i += WIDTH;
      }
      for (; i < end; i++) {
        rest += Lanes.get(x, i);
      }
    }
    return Lanes.sum(s0.add(s1)) + (double) rest;
  }

  private static double squares(ByteBuffer x, Plane p, int from, int to, float mean) {
    FloatVector s0 = Lanes.zero();
    FloatVector s1 = Lanes.zero();
    float rest = 0;
    int length = p.length;
    for (int b = from; b < to; b++) {
      int i = p.start + b * p.step;
      int end = i + length;
      for (; i <= end - 2 * WIDTH; i += 2 * WIDTH) {
        FloatVector d0 = Lanes.load(x, i).sub(mean);
        FloatVector d1 = Lanes.load(x, i + WIDTH).sub(mean);
        s0 = d0.lanewise(VectorOperators.FMA, d0, s0);
        s1 = d1.lanewise(VectorOperators.FMA, d1, s1);
      }
      if (i <= end - WIDTH) {
        FloatVector d0 = Lanes.load(x, i).sub(mean);
        s0 = d0.lanewise(VectorOperators.FMA, d0, s0);
        i += WIDTH;
      }
      for (; i < end; i++) {
        float d = Lanes.get(x, i) - mean;
        rest += d * d;
      }
    }
    return Lanes.sum(s0.add(s1)) + (double) rest;
  }

  private static void map(
      ByteBuffer x, Plane p, float scale, float shift, boolean relu, ByteBuffer y) {
    FloatVector scales = Lanes.all(scale);
    FloatVector shifts = Lanes.all(shift);
    for (int b = 0; b < p.batch; b++) {
      int i = p.start + b * p.step;
      int end = i + p.length;
      for (; i <= end - WIDTH; i += WIDTH) {
        FloatVector v = Lanes.load(x, i).lanewise(VectorOperators.FMA, scales, shifts);
        Lanes.store(relu ? Lanes.relu(v) : v, y, i);
      }
      for (; i < end; i++) {
        float v = Math.fma(Lanes.get(x, i), scale, shift);
        Lanes.put(y, i, relu ? Lanes.relu(v) : v);
      }
    }
  }

  /**
   * The gradient of one channel; {@code scale x + shift} is what forward put into the activation.
   */
  private record Channel(
      ByteBuffer x,
      ByteBuffer dy,
      Plane plane,
      float mean,
      float scale,
      float shift,
      boolean relu) {
    /** {@code {sum(g), sum(g (x - mean))}}. */
    double[] sums() {
      double[] total = new double[2];
      for (int b = 0; b < plane.batch; b += plane.chunk()) {
        addSums(b, Math.min(plane.batch, b + plane.chunk()), total);
      }
      return total;
    }

    private void addSums(int from, int to, double[] total) {
      FloatVector sum = Lanes.zero();
      FloatVector dot = Lanes.zero();
      float restSum = 0;
      float restDot = 0;
      for (int b = from; b < to; b++) {
        int i = plane.start + b * plane.step;
        int end = i + plane.length;
        for (; i <= end - WIDTH; i += WIDTH) {
          FloatVector v = Lanes.load(x, i);
          FloatVector g = opened(v, Lanes.load(dy, i));
          sum = sum.add(g);
          dot = g.lanewise(VectorOperators.FMA, v.sub(mean), dot);
        }
        for (; i < end; i++) {
          float v = Lanes.get(x, i);
          float g = opened(v, Lanes.get(dy, i));
          restSum += g;
          restDot += g * (v - mean);
        }
      }
      total[0] += Lanes.sum(sum) + (double) restSum;
      total[1] += Lanes.sum(dot) + (double) restDot;
    }

    /** {@code dx = scale g + slope (x - mean) + offset}. */
    void inputGradient(float slope, float offset, ByteBuffer dx) {
      for (int b = 0; b < plane.batch; b++) {
        int i = plane.start + b * plane.step;
        int end = i + plane.length;
        for (; i <= end - WIDTH; i += WIDTH) {
          FloatVector v = Lanes.load(x, i);
          FloatVector g = opened(v, Lanes.load(dy, i));
          FloatVector rest =
              v.sub(mean).lanewise(VectorOperators.FMA, Lanes.all(slope), Lanes.all(offset));
          Lanes.store(g.lanewise(VectorOperators.FMA, Lanes.all(scale), rest), dx, i);
        }
        for (; i < end; i++) {
          float v = Lanes.get(x, i);
          float g = opened(v, Lanes.get(dy, i));
          Lanes.put(dx, i, Math.fma(g, scale, Math.fma(v - mean, slope, offset)));
        }
      }
    }

    private FloatVector opened(FloatVector v, FloatVector g) {
      return relu
          ? Lanes.open(v.lanewise(VectorOperators.FMA, Lanes.all(scale), Lanes.all(shift)), g)
          : g;
    }

    private float opened(float v, float g) {
      return relu ? Lanes.open(Math.fma(v, scale, shift), g) : g;
    }
  }
}
