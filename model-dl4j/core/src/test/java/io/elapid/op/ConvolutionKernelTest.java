package io.elapid.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.elapid.golden.Filler;
import io.elapid.kernel.ActivationKind;
import io.elapid.kernel.ConvolutionKernel;
import io.elapid.kernel.ConvolutionKernel.Forward;
import io.elapid.kernel.ConvolutionKernel.InputGradient;
import io.elapid.kernel.ConvolutionKernel.WeightGradient;
import io.elapid.kernel.ConvolutionShape;
import io.elapid.kernel.ElementType;
import io.elapid.kernel.ReferenceConvolution;
import io.elapid.kernel.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.OpContext;
import org.nd4j.linalg.factory.Nd4j;

/** The backend's convolutions against the plain loops, and those against libnd4j in double. */
@Tag("backend")
class ConvolutionKernelTest {
  private static OpRunner runner;

  @BeforeAll
  static void register() {
    runner = OpRegistry.register();
  }

  @AfterEach
  void oneThread() {
    runner.threads(1);
  }

  static List<ConvolutionShape> shapes() {
    return ConvolutionShapes.all();
  }

  /** Those that libnd4j has an op for. */
  static List<ConvolutionShape> squareStrides() {
    return shapes().stream()
        .filter(s -> s.strideHeight() == s.strideWidth())
        .filter(s -> s.groups() == 1 || s.isDepthwise())
        .toList();
  }

  @ParameterizedTest
  @MethodSource("squareStrides")
  void theReferenceAgreesWithTheNativeOperationInDouble(ConvolutionShape shape) {
    Values values = new Values(shape, ElementType.DOUBLE);
    ConvolutionKernel reference = new ReferenceConvolution(shape);
    reference.forward(Forward.linear(values.x, values.w, Optional.of(values.shift), values.y));
    reference.inputGradient(new InputGradient(values.dy, values.w, values.dx));
    reference.weightGradient(
        new WeightGradient(values.dy, values.x, values.dw, Optional.of(values.dbias)));
    ConvSettings settings =
        new ConvSettings(
            shape.strideHeight(),
            shape.paddingHeight(),
            shape.paddingWidth(),
            shape.groups(),
            shape.dilation());
    INDArray w = array(values.w);
    INDArray x = array(values.x);
    List<INDArray> y = execute(new Conv2d(), settings, w, array(values.shift), x);
    assertClose("y", values.y, y.get(0), 1e-13);
    List<INDArray> gradients =
        execute(new Conv2dGradient(), settings, array(values.dy), w, array(values.shift), x);
    assertClose("dw", values.dw, gradients.get(0), 1e-13);
    assertClose("dbias", values.dbias, gradients.get(1), 1e-13);
    assertClose("dx", values.dx, gradients.get(2), 1e-13);
  }

  private static List<INDArray> execute(ElapidOp op, ConvSettings settings, INDArray... inputs) {
    op.addIArgument(settings.arguments());
    op.addIArgument(inputs.length - 1);
    OpContext context = Nd4j.getExecutioner().buildContext();
    context.setInputArrays(inputs);
    int outputs = 0;
    for (var shape : op.calculateOutputShape(context)) {
      context.setOutputArray(outputs++, Nd4j.create(DataType.DOUBLE, shape.getShape()));
    }
    Nd4j.getExecutioner().exec(op, context);
    return context.getOutputArrays();
  }

  private static INDArray array(Tensor tensor) {
    double[] values = new double[tensor.size()];
    long[] shape = new long[tensor.rank()];
    for (int i = 0; i < values.length; i++) {
      values[i] = tensor.at(i);
    }
    for (int i = 0; i < shape.length; i++) {
      shape[i] = tensor.dim(i);
    }
    return Nd4j.createFromArray(values).reshape('c', shape);
  }

  private static void assertClose(String what, Tensor actual, INDArray expected, double tolerance) {
    INDArray flat = expected.reshape(-1);
    double scale = Math.max(1, expected.amaxNumber().doubleValue());
    for (int i = 0; i < actual.size(); i++) {
      assertClose(actual.at(i), flat.getDouble(i), tolerance * scale, "%s[%d]", what, i);
    }
  }

  /** Asserts what does not hold only: an assertion takes longer than most of these kernels. */
  private static void assertClose(
      double actual, double expected, double tolerance, String what, Object... place) {
    if (!(Math.abs(actual - expected) <= tolerance)) {
      assertThat(actual).as(what, place).isCloseTo(expected, within(tolerance));
    }
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void kernelsOfTheBackendAgreeWithTheReference(ConvolutionShape shape) {
    Optional<ConvolutionKernel> kernel = runner.kernels().convolution(shape, ElementType.FLOAT);
    assumeThat(kernel).as("else left to the native operation").isPresent();
    Values actual = new Values(shape, ElementType.FLOAT);
    Values expected = new Values(shape, ElementType.DOUBLE);
    List<Runnable> ours = actual.calls(kernel.get());
    List<Runnable> reference = expected.calls(new ReferenceConvolution(shape));
    for (int i = 0; i < ours.size(); i++) {
      actual.spoil();
      ours.get(i).run();
      reference.get(i).run();
      assertSame(i, actual, expected);
    }
  }

  private static void assertSame(int call, Values actual, Values expected) {
    for (int t = 0; t < actual.outputs(call).size(); t++) {
      Tensor ours = actual.outputs(call).get(t);
      Tensor reference = expected.outputs(call).get(t);
      double scale = 1;
      for (int i = 0; i < reference.size(); i++) {
        scale = Math.max(scale, Math.abs(reference.at(i)));
      }
      for (int i = 0; i < reference.size(); i++) {
        assertClose(
            ours.at(i), reference.at(i), 2e-6 * scale, "call %d, output %d [%d]", call, t, i);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void anyNumberOfThreadsGivesTheSameBits(ConvolutionShape shape) {
    List<Values> byThreads = new ArrayList<>();
    for (int threads = 1; threads <= 3; threads++) {
      runner.threads(threads);
      Optional<ConvolutionKernel> kernel = runner.kernels().convolution(shape, ElementType.FLOAT);
      assumeThat(kernel).as("else left to the native operation").isPresent();
      Values values = new Values(shape, ElementType.FLOAT);
      values.spoil();
      values.calls(kernel.get()).forEach(Runnable::run);
      byThreads.add(values);
    }
    for (Values values : byThreads) {
      for (int call = 0; call < Values.CALLS; call++) {
        for (int t = 0; t < values.outputs(call).size(); t++) {
          assertThat(values.outputs(call).get(t).bytes())
              .isEqualTo(byThreads.get(0).outputs(call).get(t).bytes());
        }
      }
    }
  }

  /** Operands of every kind of call. */
  private static final class Values {
    static final int CALLS = 8;

    final Tensor x;
    final Tensor w;
    final Tensor scale;
    final Tensor shift;
    final Tensor dy;
    final Tensor y;
    final Tensor dx;
    final Tensor dw;
    final Tensor dbias;
    private final ElementType type;

    Values(ConvolutionShape s, ElementType type) {
      this.type = type;
      x = filled("x", s.batch(), s.channels(), s.height(), s.width());
      w = filled("w", s.outputs(), s.groupChannels(), s.kernelHeight(), s.kernelWidth());
      scale = filled("scale", s.outputs());
      shift = filled("shift", s.outputs());
      dy = filled("dy", s.batch(), s.outputs(), s.outputHeight(), s.outputWidth());
      y = Tensor.zeros(type, s.batch(), s.outputs(), s.outputHeight(), s.outputWidth());
      dx = Tensor.zeros(type, s.batch(), s.channels(), s.height(), s.width());
      dw = Tensor.zeros(type, s.outputs(), s.groupChannels(), s.kernelHeight(), s.kernelWidth());
      dbias = Tensor.zeros(type, s.outputs());
    }

    private Tensor filled(String name, long... shape) {
      Tensor tensor = Tensor.zeros(type, shape);
      float[] values = new Filler(1).range(name, tensor.size(), -1, 1);
      for (int i = 0; i < values.length; i++) {
        tensor.put(i, values[i]);
      }
      return tensor;
    }

    List<Runnable> calls(ConvolutionKernel kernel) {
      List<Runnable> calls = new ArrayList<>();
      calls.add(() -> kernel.forward(Forward.linear(x, w, Optional.empty(), y)));
      for (ActivationKind kind : ActivationKind.values()) {
        Optional<Tensor> factor =
            kind == ActivationKind.SILU ? Optional.empty() : Optional.of(scale);
        calls.add(() -> kernel.forward(new Forward(x, w, factor, Optional.of(shift), kind, y)));
      }
      calls.add(() -> kernel.inputGradient(new InputGradient(dy, w, dx)));
      calls.add(() -> kernel.weightGradient(new WeightGradient(dy, x, dw, Optional.of(dbias))));
      return calls;
    }

    List<Tensor> outputs(int call) {
      return call < CALLS - 2 ? List.of(y) : call == CALLS - 2 ? List.of(dx) : List.of(dw, dbias);
    }

    /** Kernels write all of their outputs, whatever was there. */
    void spoil() {
      for (Tensor output : List.of(y, dx, dw, dbias)) {
        output.fill(Double.NaN);
      }
    }
  }
}
