package io.elapid.worker;

import io.elapid.engine.StepProgram;
import io.elapid.observe.ChromeTrace;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notes what a rank does in a few steps: the step, its phases, the operations of the network. They
 * lie {@value #SETTLING} steps after the start, when the code has been compiled, or in the middle
 * of a run that is too short for that.
 */
final class StepTrace {
  private static final Logger LOG = LoggerFactory.getLogger(StepTrace.class);
  private static final int SETTLING = 50;

  private final ChromeTrace trace;
  private final PhaseClock clock;
  private final long first;
  private final long end;
  private boolean active;
  private long since;

  /**
   * A trace of the steps that an attempt has still to do.
   *
   * @param name of the rank
   * @param steps how many are noted; may be 0
   * @param from the attempt's first step
   * @param to behind the run's last step
   */
  StepTrace(int rank, String name, PhaseClock clock, int steps, long from, long to) {
    this.trace = new ChromeTrace(rank, name);
    this.clock = clock;
    this.first = from + Math.min(SETTLING, Math.max(0, to - from - steps) / 2);
    this.end = Math.min(to, first + steps);
    clock.listen(this::phase);
  }

  /** To be called before every step. */
  void begin(long step) {
    if (step >= first && step < end) {
      // what was going on before is not part of the step
      since = System.nanoTime();
      clock.cut();
      active = true;
    }
  }

  /**
   * To be called after every step.
   *
   * @return whether that was the last one to be noted
   */
  boolean end(long step) {
    if (!active) {
      return false;
    }
    clock.cut();
    trace.add(ChromeTrace.STEP, "step " + step, "", since, System.nanoTime() - since);
    active = false;
    return step == end - 1;
  }

  /** Whether this step is noted. */
  boolean active() {
    return active;
  }

  /** Notes operations of a step that is noted. */
  StepProgram.Observer observer() {
    return active ? this::operation : StepProgram.UNOBSERVED;
  }

  private void operation(String kind, String name, long nanos) {
    trace.add(ChromeTrace.OPERATION, kind, name, System.nanoTime() - nanos, nanos);
  }

  private void phase(Phase phase, long start, long nanos) {
    if (active) {
      trace.add(ChromeTrace.PHASE, phase.toString(), "", start, nanos);
    }
  }

  /**
   * Writes the trace, replacing that of an earlier attempt. One that cannot be written is no reason
   * to end a run.
   */
  void write(Configuration hadoop, Path file) {
    try (OutputStream out = file.getFileSystem(hadoop).create(file, true)) {
      out.write(trace.json().getBytes(StandardCharsets.UTF_8));
    } catch (IOException | FSError e) {
      LOG.warn("The trace {} cannot be written; the run goes on: {}", file, e.toString());
    }
  }
}
