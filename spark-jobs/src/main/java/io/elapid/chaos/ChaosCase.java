package io.elapid.chaos;

import io.elapid.data.SplitMix;
import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.hadoop.fs.FileUtil;

/**
 * One row of the fault matrix.
 *
 * @param name by which it is asked for
 * @param expected what must come out, in words
 * @param bound in which the case must end, from the first command to the last
 * @param body does it; throws where something else comes out
 */
public record ChaosCase(String name, String expected, Bound bound, Body body) {

  /** What a case does. */
  interface Body {
    Recovery run(Trial trial) throws Exception;
  }

  /**
   * How long a case may take on this machine.
   *
   * @param starts so often processes start and train; each may take {@value #SLACK} times as long
   *     as the undisturbed run of one process has taken
   * @param waits deadlines that the fault runs into, on top of that
   */
  record Bound(int starts, Duration waits) {
    /** Three processes share the cores that the one had for itself. */
    private static final int SLACK = 5;

    Duration on(Lab lab) {
      return lab.calm().multipliedBy(SLACK).multipliedBy(starts).plus(waits);
    }
  }

  /**
   * How a case came out.
   *
   * @param bound that it had
   * @param problem empty if as expected
   */
  public record Outcome(
      String name, long seed, Duration time, Duration bound, Recovery recovery, String problem) {
    public boolean asExpected() {
      return problem.isEmpty();
    }

    /** Steps that had to be done again. */
    public long stepsLost() {
      return recovery.stepsLost();
    }

    /** From a fault to the end of the last rank's work, in words. */
    public String stopping() {
      return recovery.stoppingText();
    }
  }

  /**
   * Runs it once; the moment of the fault and its victim are drawn from the seed. Of what it writes
   * only logs stay if it comes out as expected: executors alone copy hundreds of megabytes.
   */
  public Outcome run(Lab lab, long seed) {
    Duration limit = bound.on(lab);
    long start = System.nanoTime();
    String problem = "";
    Recovery recovery = Recovery.NONE;
    Path place = Path.of(lab.path("%s-%d".formatted(name, seed)));
    try {
      SplitMix random = new SplitMix(SplitMix.derive(seed, name.hashCode()));
      recovery = body.run(new Trial(lab.in(place), place.resolve("run").toString(), random, limit));
    } catch (Exception e) {
      problem = e.getMessage() == null ? e.toString() : e.getMessage();
    }
    Duration time = Duration.ofNanos(System.nanoTime() - start);
    if (problem.isEmpty() && time.compareTo(limit) > 0) {
      problem = "took longer than its bound of %d s".formatted(limit.toSeconds());
    }
    if (problem.isEmpty()) {
      tidy(place);
    }
    return new Outcome(name, seed, time, limit, recovery, problem);
  }

  /** What cannot be deleted stays: the case itself has come out well. */
  private static void tidy(Path place) {
    File[] parts = place.toFile().listFiles(part -> !part.getName().equals(Launcher.LOGS));
    for (File part : parts == null ? new File[0] : parts) {
      FileUtil.fullyDelete(part);
    }
  }
}
