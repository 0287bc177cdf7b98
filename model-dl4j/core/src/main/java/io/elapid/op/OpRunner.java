package io.elapid.op;

import io.elapid.kernel.KernelChoice;
import io.elapid.kernel.KernelSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.function.IntConsumer;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.OpContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs {@link ElapidOp}s on a kernel set; an executioner owns one. Kernels are chosen when they are
 * first needed: building a graph needs none.
 *
 * <p>Binding an op to its arrays (wrapping memory, preparing native calls) is done once per
 * context: as long as a context holds the same arrays, running it again costs a lookup. Contexts
 * are held weakly.
 */
public final class OpRunner implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OpRunner.class);

  private final Supplier<IntFunction<KernelSet>> choice;
  private final IntConsumer nativeThreads;
  private final Map<OpContext, Binding> bindings = new WeakHashMap<>();
  private final Map<KernelChoice, IntFunction<KernelSet>> providers = new HashMap<>();
  private final Set<String> stock = new HashSet<>();
  private KernelChoice chosen;
  private KernelSet kernels;
  private int threads;
  private long nanosInKernels;

  /**
   * @param choice of what makes a kernel set for a number of threads; asked once for every {@link
   *     KernelChoice}, since devices stay open
   * @param threads number of threads to begin with
   * @param nativeThreads sets how many threads the backend's own operations use
   */
  public OpRunner(Supplier<IntFunction<KernelSet>> choice, int threads, IntConsumer nativeThreads) {
    this.choice = choice;
    this.nativeThreads = nativeThreads;
    this.threads = threads;
  }

  /**
   * Sets how many threads kernels and native operations use from now on; to be called on the thread
   * that executes. Results of kernels do not depend on it. Chooses kernels again, if others were
   * asked for since.
   *
   * @throws io.elapid.data.InputException if the kernels that were asked for need a device that is
   *     not there
   */
  public synchronized void threads(int threads) {
    nativeThreads.accept(threads);
    close();
    this.threads = threads;
    kernels();
  }

  /**
   * Chooses kernels again, if others were asked for since.
   *
   * @throws io.elapid.data.InputException if they need a device that is not there
   */
  public synchronized void choose() {
    if (!KernelChoice.ofProcess().equals(chosen)) {
      close();
    }
    kernels();
  }

  /**
   * The kernels in use.
   *
   * @throws io.elapid.data.InputException if those that were asked for need a device that is not
   *     there
   */
  public synchronized KernelSet kernels() {
    if (kernels == null) {
      KernelChoice asked = KernelChoice.ofProcess();
      kernels = providers.computeIfAbsent(asked, any -> choice.get()).apply(threads);
      chosen = asked;
    }
    return kernels;
  }

  /**
   * Returns once everything that was run is written: to be called before anything but an op of ours
   * reads or writes memory of the {@linkplain KernelSet#memory() kernels' own}.
   */
  public synchronized void settle() {
    if (kernels != null) {
      long start = System.nanoTime();
      kernels.settle();
      nanosInKernels += System.nanoTime() - start;
    }
  }

  /**
   * To be told of an operation of a network that ND4J computes itself: where the network's memory
   * is a device's, that is logged once for each kind.
   */
  public synchronized void computesStock(String kind) {
    if (kernels().memory().isPresent() && stock.add(kind)) {
      LOG.info("Kernels: {} on the CPU, not on the device", kind);
    }
  }

  /** Computes {@code op} from the context's inputs into its outputs. */
  public synchronized void run(ElapidOp op, OpContext context) {
    Binding binding = bindings.get(context);
    if (binding == null || !binding.isFor(op, context)) {
      binding = Binding.of(op, context, kernels());
      bindings.put(context, binding);
    }
    long start = System.nanoTime();
    binding.call.run();
    nanosInKernels += System.nanoTime() - start;
  }

  /**
   * Nanoseconds that bound calls have taken so far, with waiting for what they began: what is left
   * of a step is overhead.
   */
  public synchronized long nanosInKernels() {
    return nanosInKernels;
  }

  @Override
  public synchronized void close() {
    bindings.clear();
    if (kernels != null) {
      kernels.close();
      kernels = null;
    }
  }

  private record Binding(ElapidOp op, INDArray[] inputs, INDArray[] outputs, Runnable call) {
    static Binding of(ElapidOp op, OpContext context, KernelSet kernels) {
      List<INDArray> inputs = context.getInputArrays();
      List<INDArray> outputs = context.getOutputArrays();
      op.require(
          outputs.size() == op.getNumOutputs(),
          "%d outputs given, %d needed",
          outputs.size(),
          op.getNumOutputs());
      Operands operands = new Operands(inputs, outputs);
      Runnable call = operands.copying(op.bind(operands, kernels), kernels);
      return new Binding(
          op, inputs.toArray(INDArray[]::new), outputs.toArray(INDArray[]::new), call);
    }

    @SuppressWarnings("ReferenceEquality") // the very same arrays, not equal ones
    boolean isFor(ElapidOp other, OpContext context) {
      if (op != other
          || context.numInputArguments() != inputs.length
          || context.numOutputArguments() != outputs.length) {
        return false;
      }
      for (int i = 0; i < inputs.length; i++) {
        if (context.getInputArray(i) != inputs[i]) {
          return false;
        }
      }
      for (int i = 0; i < outputs.length; i++) {
        if (context.getOutputArray(i) != outputs[i]) {
          return false;
        }
      }
      return true;
    }
  }
}
