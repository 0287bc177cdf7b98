package io.elapid.op;

import java.lang.management.ManagementFactory;
import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.OpContext;
import org.nd4j.linalg.api.shape.LongShapeDescriptor;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Times single ops on shapes of EfficientViM-M1, MobileMamba-B1 and TinyViM-B: {@code OpBenchmark
 * [BATCH [NAME-PART]]}, one thread. Prints the least CPU time of a call (which other load on the
 * machine hardly changes) and the memory the op touches per second.
 */
final class OpBenchmark {
  private static final long BUDGET_NANOS = 1_000_000_000L;

  private final long batch;
  private final String part;

  private OpBenchmark(long batch, String part) {
    this.batch = batch;
    this.part = part;
  }

  /** Runs the benchmark. */
  public static void main(String[] args) {
    System.out.println("kernels: " + OpRegistry.register().kernels().name());
    OpBenchmark benchmark =
        new OpBenchmark(
            args.length > 0 ? Long.parseLong(args[0]) : 16, args.length > 1 ? args[1] : "");
    benchmark.mixUp();
    benchmark.convolutions();
    benchmark.normalisations();
    benchmark.mixers();
    benchmark.maps();
    benchmark.pyramids();
    benchmark.heads();
    System.exit(0);
  }

  /**
   * Runs several kinds of ops in turn, as networks do. With one kind only, the compiler inlines
   * from this class down to the kernel's innermost loop, reaches its limit of depth there, and
   * leaves vectors on the heap.
   */
  private void mixUp() {
    INDArray x = random(4, 16, 8, 8);
    INDArray s = random(4, 16);
    ElapidOp[] ops = {
      op(new Activation(), 1), op(new SpatialMean()), op(new ChannelScale()), op(new HiddenGate())
    };
    INDArray[][] inputs = {{x}, {x}, {x, s}, {x, random(1)}};
    OpContext[] contexts = new OpContext[ops.length];
    for (int i = 0; i < ops.length; i++) {
      contexts[i] = context(ops[i], inputs[i]);
    }
    for (int run = 0; run < 20_000; run++) {
      Nd4j.getExecutioner().exec(ops[run % ops.length], contexts[run % ops.length]);
    }
  }

  private static OpContext context(ElapidOp op, INDArray... inputs) {
    OpContext context = Nd4j.getExecutioner().buildContext();
    context.setInputArrays(inputs);
    int outputs = 0;
    for (LongShapeDescriptor shape : op.calculateOutputShape(context)) {
      context.setOutputArray(outputs++, Nd4j.create(DataType.FLOAT, shape.getShape()));
    }
    return context;
  }

  private void convolutions() {
    // channels, side, outputs, kernel, stride, groups
    long[][] all = {
      {3, 224, 16, 3, 2, 1},
      {16, 112, 32, 3, 2, 1},
      {32, 56, 64, 3, 2, 1},
      {64, 28, 128, 3, 2, 1},
      {128, 14, 128, 3, 1, 128},
      {128, 14, 512, 1, 1, 1},
      {512, 14, 128, 1, 1, 1},
      {147, 14, 147, 3, 1, 147},
      {128, 14, 768, 1, 1, 1},
      {768, 14, 768, 3, 2, 768},
      {768, 7, 192, 1, 1, 1},
      {192, 7, 768, 1, 1, 1},
      {192, 7, 192, 3, 1, 192},
      {320, 4, 1280, 1, 1, 1},
      {1280, 4, 320, 1, 1, 1}
    };
    for (long[] c : all) {
      long padding = c[3] / 2;
      ConvSettings settings = new ConvSettings((int) c[4], (int) padding, (int) c[5]);
      INDArray x = random(batch, c[0], c[1], c[1]);
      INDArray w = random(c[2], c[0] / c[5], c[3], c[3]);
      long side = settings.outputHeight(c[1], c[3]);
      INDArray dy = random(batch, c[2], side, side);
      String name = "conv " + Arrays.toString(c);
      time(name, op(new Conv2d(), settings.arguments()), w, x);
      time(name + " gradient", op(op(new Conv2dGradient(), settings.arguments()), 2), dy, w, x);
      if (c[0] == 3) {
        time(
            name + " weight gradient",
            op(op(new Conv2dWeightGradient(), settings.arguments()), 1),
            dy,
            w,
            x);
      }
    }
  }

  private void normalisations() {
    for (long[] s : new long[][] {{16, 112}, {64, 28}, {512, 14}, {768, 7}, {1280, 4}}) {
      INDArray x = random(batch, s[0], s[1], s[1]);
      INDArray dy = random(batch, s[0], s[1], s[1]);
      INDArray c = random(s[0]).addi(1);
      String name = "batch norm + relu " + Arrays.toString(s);
      time(name, real(op(new BatchNorm(), 1)), x, c, c);
      time(name + " gradient", op(new BatchNormGradient(), 1), dy, x, c, c, c, c);
      time(name + " inference", real(op(new BatchNormInference(), 1)), x, c, c, c, c);
    }
    for (long[] s : new long[][] {{128, 196}, {192, 49}, {320, 16}}) {
      INDArray x = random(batch, s[0], s[1]);
      INDArray dy = random(batch, s[0], s[1]);
      INDArray c = random(s[0]);
      INDArray p = random(batch, s[1]);
      String name = "layer norm " + Arrays.toString(s);
      time(name, real(op(new LayerNorm2d())), x, c, c);
      time(name + " gradient", op(new LayerNorm2dGradient()), dy, x, c, c, p, p);
    }
  }

  private void mixers() {
    for (long[] s : new long[][] {{128, 49, 196}, {192, 25, 49}, {320, 9, 16}}) {
      INDArray x = random(batch, s[0], s[2]);
      INDArray dy = random(batch, s[0], s[2]);
      INDArray alpha = random(4, s[0]);
      INDArray b = random(batch, s[1], s[2]);
      INDArray a = random(s[1]);
      INDArray h = random(batch, s[0], s[1]);
      INDArray hz = random(batch, 2 * s[0], s[1]);
      String name = Arrays.toString(s);
      time("gated residual " + name, op(new GatedResidual(), 1), x, dy, alpha);
      time(
          "gated residual " + name + " gradient",
          op(new GatedResidualGradient(), 1),
          dy,
          x,
          x,
          alpha);
      time("hidden state " + name, op(new HiddenState()), x, b, b, a);
      time("hidden state " + name + " gradient", op(new HiddenStateGradient()), h, x, b, a, b);
      time("hidden gate " + name, op(new HiddenGate()), hz, random(1));
      time("hidden gate " + name + " gradient", op(new HiddenGateGradient()), h, hz, random(1));
      time("silu " + name, op(new Activation(), 3), x);
      time("gelu " + name, op(new Activation(), 4), x);
    }
  }

  private void maps() {
    for (long[] s : new long[][] {{160, 16}, {256, 8}, {272, 7}}) {
      INDArray x = random(batch, s[0], s[1], s[1]);
      INDArray bands = random(batch, 4 * s[0], (s[1] + 1) / 2, (s[1] + 1) / 2);
      INDArray scale = random(s[0]);
      INDArray half = random(batch, s[0] / 2, s[1], s[1]);
      String name = " " + Arrays.toString(s);
      time("haar dwt" + name, op(new HaarDwt()), x);
      time("haar idwt" + name, op(new HaarIdwt(), s[1], s[1]), bands);
      time("patch gather" + name, op(new PatchGather()), x);
      time("patch gather gradient" + name, op(new PatchGatherGradient()), bands, x);
      time("channel affine" + name, op(new ChannelAffine(), 0, 0, 1, 0), x, scale, x);
      time("channel affine gradient" + name, op(new ChannelAffineGradient(), 0, 2), x, x, scale);
      time("silu gate" + name, op(new SiluGate()), x, x);
      time("silu gate gradient" + name, op(new SiluGateGradient()), x, x, x);
      time("sample scale" + name, op(new SampleScale()), x, x, random(batch));
      time("channel split" + name, op(new ChannelSplit(), s[0] / 2, s[0] / 2), x);
      time("channel concat" + name, op(new ChannelConcat()), half, half);
    }
  }

  private void pyramids() {
    for (long[] s : new long[][] {{12, 56, 8}, {48, 28, 4}, {96, 14, 2}}) {
      INDArray x = random(batch, s[0], s[1], s[1]);
      INDArray low = random(batch, s[0], s[1] / s[2], s[1] / s[2]);
      String name = " " + Arrays.toString(s);
      time("laplace split" + name, op(new LaplaceSplit(), s[2]), x);
      time("laplace split gradient" + name, op(new LaplaceSplitGradient()), low, x);
      time("laplace merge" + name, op(new LaplaceMerge(), s[2]), low, x);
      time("laplace merge gradient" + name, op(new LaplaceMergeGradient(), s[2]), x);
    }
  }

  private void heads() {
    INDArray x = random(batch, 768, 7, 7);
    INDArray s = random(batch, 768);
    time("spatial mean", op(new SpatialMean()), x);
    time("channel scale", op(new ChannelScale()), x, s);
    time("channel scale gradient", op(new ChannelScaleGradient()), x, x, s);
    INDArray features = random(batch, 320);
    INDArray logits = random(batch, 1000);
    INDArray w = random(1000, 320);
    INDArray bias = random(1000);
    time("linear", op(new Linear()), features, w, bias);
    time("linear gradient", op(new LinearGradient()), logits, features, w, bias);
    time("softmax mix", op(new SoftmaxMix()), random(4), logits, logits, logits, logits);
    time("cross entropy", op(new SoftmaxCrossEntropy()), logits, logits);
  }

  private static INDArray random(long... shape) {
    return Nd4j.rand(DataType.FLOAT, shape).subi(0.5);
  }

  private static ElapidOp op(ElapidOp op, long... attributes) {
    op.addIArgument(attributes);
    return op;
  }

  private static ElapidOp real(ElapidOp op) {
    op.addTArgument(1e-5);
    return op;
  }

  private void time(String name, ElapidOp op, INDArray... inputs) {
    if (!name.contains(part)) {
      return;
    }
    OpContext context = context(op, inputs);
    long bytes = 0;
    for (INDArray array : context.getInputArrays()) {
      bytes += array.length() * Float.BYTES;
    }
    for (INDArray array : context.getOutputArrays()) {
      bytes += array.length() * Float.BYTES;
    }
    long least = Long.MAX_VALUE;
    int runs = 0;
    for (long start = cpu(); cpu() - start < BUDGET_NANOS || runs < 20; runs++) {
      long before = cpu();
      Nd4j.getExecutioner().exec(op, context);
      least = Math.min(least, cpu() - before);
    }
    System.out.printf("%-46s %9.3f ms %7.1f GB/s%n", name, least / 1e6, bytes / (double) least);
  }

  private static long cpu() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }
}
