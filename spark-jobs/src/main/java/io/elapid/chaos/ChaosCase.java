package io.elapid.chaos;

import io.elapid.data.SplitMix;
import java.time.Duration;

/**
 * One row of the fault matrix.
 *
 * @param name by which it is asked for
 * @param expected what must come out, in words
 * @param bound in which the case must end, from the first command to the last
 * @param body does it; throws where something else comes out
 */
public record ChaosCase(String name, String expected, Duration bound, Body body) {

  /** What a case does. */
  interface Body {
    void run(Lab lab, String run, SplitMix random) throws Exception;
  }

  /**
   * How a case came out.
   *
   * @param problem empty if as expected
   */
  public record Outcome(String name, long seed, Duration time, String problem) {
    public boolean asExpected() {
      return problem.isEmpty();
    }
  }

  /** Runs it once; the moment of the fault and its victim are drawn from the seed. */
  public Outcome run(Lab lab, long seed) {
    long start = System.nanoTime();
    String problem = "";
    try {
      SplitMix random = new SplitMix(SplitMix.derive(seed, name.hashCode()));
      body.run(lab, lab.path("%s-%d".formatted(name, seed)), random);
    } catch (Exception e) {
      problem = e.getMessage() == null ? e.toString() : e.getMessage();
    }
    Duration time = Duration.ofNanos(System.nanoTime() - start);
    if (problem.isEmpty() && time.compareTo(bound) > 0) {
      problem = "took longer than its bound";
    }
    return new Outcome(name, seed, time, problem);
  }
}
