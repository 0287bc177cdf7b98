package io.elapid.engine;

import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * A graph extended by the gradients of a loss.
 *
 * @param graph forward and gradient operations
 * @param names variable to the name of its gradient in {@code graph}
 */
public record Gradients(SameDiff graph, Map<String, String> names) {
  private static final String GRADIENT_FUNCTION = "grad";

  /**
   * Lets SameDiff differentiate {@code loss}.
   *
   * @param wanted floating-point variables, placeholders included, that the loss depends on
   */
  public static Gradients of(SameDiff forward, SDVariable loss, List<String> wanted) {
    forward.setLossVariables(loss.name());
    PrintStream out = System.out;
    System.setOut(new WithoutDifferentiationNoise(out));
    try {
      forward.createGradFunction(wanted.toArray(String[]::new));
    } finally {
      System.setOut(out);
    }
    Map<String, String> names = new LinkedHashMap<>();
    for (String name : wanted) {
      SDVariable gradient = forward.grad(name);
      if (gradient == null) {
        throw new IllegalArgumentException("the loss does not depend on " + name);
      }
      names.put(name, gradient.name());
    }
    return new Gradients(forward.getFunction(GRADIENT_FUNCTION), names);
  }

  /** ND4J M2.1 prints a line per differentiated operation, with no switch to turn it off. */
  private static final class WithoutDifferentiationNoise extends PrintStream {
    WithoutDifferentiationNoise(PrintStream out) {
      super(out, true);
    }

    @Override
    public void println(String line) {
      if (line == null || !line.startsWith("Added differentiated op ")) {
        super.println(line);
      }
    }
  }
}
