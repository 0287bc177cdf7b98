package io.elapid.op;

import java.io.PrintStream;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Creates a graph's gradient graph without the line that SameDiff prints to standard output for
 * every single op.
 */
public final class GradientFunction {
  private static final String NOISE = "Added differentiated op ";

  private GradientFunction() {}

  /**
   * As {@link SameDiff#createGradFunction(String...)}.
   *
   * @return the gradient graph
   */
  public static SameDiff create(SameDiff graph, String... variables) {
    // There is no setting for it. Only this thread's noise is dropped, and only while this call
    // lasts.
    PrintStream original = System.out;
    System.setOut(new Quiet(original, Thread.currentThread()));
    try {
      graph.createGradFunction(variables);
    } finally {
      System.setOut(original);
    }
    return graph.getFunction("grad");
  }

  private static final class Quiet extends PrintStream {
    private final Thread noisy;

    Quiet(PrintStream target, Thread noisy) {
      super(target, true);
      this.noisy = noisy;
    }

    @Override
    public void println(String line) {
      if (Thread.currentThread() != noisy || line == null || !line.startsWith(NOISE)) {
        super.println(line);
      }
    }
  }
}
