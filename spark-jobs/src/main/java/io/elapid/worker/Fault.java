package io.elapid.worker;

import io.elapid.data.InputException;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A fault that {@code elapid chaos} has a rank meet, named by the Spark property {@value
 * #PROPERTY}: {@code kill rank=1 step=12 phase=compute after=20}, one for each attempt of a run,
 * separated by semicolons. Without that property, which no run needs, there is none.
 *
 * @param kind what happens
 * @param rank to which rank
 * @param step not before this step
 * @param phase on entering this phase
 * @param afterMillis so much later
 */
record Fault(Kind kind, int rank, long step, Phase phase, long afterMillis) {
  static final String PROPERTY = "spark.elapid.fault";

  private static final Pattern FORM =
      Pattern.compile("(\\w+) rank=(\\d+) step=(\\d+) phase=(\\w+) after=(\\d+)");

  enum Kind {
    /** The process is gone at once. */
    KILL,
    /** The process stands still, with its connections open. */
    STOP,
    /** The rank fails, as where its data or its program is at fault. */
    FAIL,
    /** The thread that trains never comes back, the process lives. */
    HANG,
    /** Bytes that nobody sent arrive on the connections to the rank. */
    GARBAGE,
    /** Nothing passes the connections to the rank any more. */
    DEAF,
    /** The connections to the rank break. */
    CUT;

    /** Whether it happens on the thread that trains. */
    boolean inTraining() {
      return this == HANG || this == FAIL;
    }

    /** Whether it happens to the connections, not to the process. */
    boolean onWire() {
      return this == GARBAGE || this == DEAF || this == CUT;
    }
  }

  /**
   * The fault that is meant for a rank.
   *
   * @param text of the property
   */
  static Optional<Fault> of(Optional<String> text, int attempt, int rank) {
    String[] faults = text.map(t -> t.split(";", -1)).orElse(new String[0]);
    return attempt < faults.length
        ? Optional.of(parse(faults[attempt].strip())).filter(fault -> fault.rank() == rank)
        : Optional.empty();
  }

  private static Fault parse(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw new InputException(PROPERTY + ": not understood: " + text, "leave it unset");
    }
    return new Fault(
        Kind.valueOf(form.group(1).toUpperCase(Locale.ROOT)),
        Integer.parseInt(form.group(2)),
        Long.parseLong(form.group(3)),
        Phase.valueOf(form.group(4).toUpperCase(Locale.ROOT)),
        Long.parseLong(form.group(5)));
  }

  boolean due(long now, Phase entered) {
    return now >= step && entered == phase;
  }

  /** Does to this process what the kind says. */
  void strike() {
    switch (kind) {
      case KILL -> signal("-KILL");
      case STOP -> signal("-STOP");
      case FAIL -> throw new IllegalStateException("a fault made to order");
      case HANG -> hang();
      default -> throw new IllegalStateException(kind + " happens to connections");
    }
  }

  private static void signal(String name) {
    try {
      Process kill =
          new ProcessBuilder("kill", name, Long.toString(ProcessHandle.current().pid()))
              .inheritIO()
              .start();
      kill.waitFor(1, TimeUnit.MINUTES);
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException("cannot send the signal " + name, e);
    }
  }

  private static void hang() {
    CountDownLatch never = new CountDownLatch(1);
    while (never.getCount() > 0) {
      try {
        never.await();
      } catch (InterruptedException e) {
        // as a native call that hangs
      }
    }
  }
}
