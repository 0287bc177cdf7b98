package io.elapid.observe;

import java.io.Closeable;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * How far a run has come, on one line: redrawn in place on a terminal, and elsewhere, such as in a
 * cluster's log, a plain line now and then. It goes by a time that setting the clock leaves: or a
 * run would be silent for as long as the clock was set back. Safe for use by several threads.
 */
public final class ProgressLine implements Closeable {
  private static final Duration PLAIN_INTERVAL = Duration.ofSeconds(10);
  private static final Duration REDRAW_INTERVAL = Duration.ofMillis(100);
  private static final int BAR_WIDTH = 24;
  private static final String ERASE = "\r\u001b[K";

  /** What the output is. */
  public enum Style {
    TERMINAL,
    PLAIN;

    /** A terminal if this process has one that understands cursor movements. */
    // Java 17, which this runs on, gives a console only where there is a terminal.
    @SuppressWarnings("SystemConsoleNull")
    public static Style detect() {
      String term = System.getenv("TERM");
      return System.console() != null && term != null && !term.equals("dumb") ? TERMINAL : PLAIN;
    }
  }

  /**
   * A position in training.
   *
   * @param epoch the epoch that is running, from 1
   * @param step updates done, over all epochs
   * @param steps updates of the whole run
   * @param samplesPerSecond over all ranks
   */
  public record Position(
      long epoch, long epochs, long step, long steps, double loss, double samplesPerSecond) {}

  private final PrintStream out;
  private final Style style;
  private final LongSupplier nanos;
  private boolean shown;
  private long shownAt;
  private boolean started;
  private long startedAt;
  private long firstStep;
  private long lastStep;
  private boolean drawn;

  public ProgressLine(PrintStream out, Style style) {
    this(out, style, System::nanoTime);
  }

  /**
   * A line.
   *
   * @param nanos the time, as {@link System#nanoTime()} counts
   */
  ProgressLine(PrintStream out, Style style, LongSupplier nanos) {
    this.out = out;
    this.style = style;
    this.nanos = nanos;
  }

  /** Shows a position, unless another was shown a moment ago. */
  public synchronized void update(Position position) {
    long now = nanos.getAsLong();
    // A run that fell back to a checkpoint has a new pace to be measured.
    if (!started || position.step() < lastStep) {
      started = true;
      startedAt = now;
      firstStep = position.step();
    }
    lastStep = position.step();
    Duration interval = style == Style.TERMINAL ? REDRAW_INTERVAL : PLAIN_INTERVAL;
    boolean finished = position.step() >= position.steps();
    if (finished || !shown || now - shownAt >= interval.toNanos()) {
      show(position, now);
    }
  }

  /** Shows a position whenever it was last shown: at the end of an epoch. */
  public synchronized void epochEnd(Position position) {
    show(position, nanos.getAsLong());
  }

  /**
   * Prints a line that stays, such as the result of an evaluation; the progress follows below it.
   */
  public synchronized void message(String text) {
    out.println(drawn ? ERASE + text : text);
    out.flush();
    drawn = false;
    if (style == Style.TERMINAL) {
      shown = false;
    }
  }

  /** Ends the line, so that what is printed next starts on its own. */
  @Override
  public synchronized void close() {
    if (drawn) {
      out.println();
      out.flush();
      drawn = false;
    }
  }

  private void show(Position position, long now) {
    shown = true;
    shownAt = now;
    if (style == Style.TERMINAL) {
      out.print(ERASE + bar(position) + " " + numbers(position) + left(position, now));
      drawn = true;
    } else {
      out.println(numbers(position) + left(position, now));
    }
    out.flush();
  }

  private static String bar(Position position) {
    double share = position.steps() > 0 ? (double) position.step() / position.steps() : 0;
    int filled = (int) Math.round(BAR_WIDTH * Math.min(1, Math.max(0, share)));
    String tip = filled < BAR_WIDTH ? ">" : "";
    String rest = " ".repeat(Math.max(0, BAR_WIDTH - filled - tip.length()));
    return "[" + "=".repeat(filled) + tip + rest + "]";
  }

  private static String numbers(Position position) {
    return String.format(
        Locale.ROOT,
        "epoch %d/%d  step %d/%d  loss %.4f  %s samples/s",
        position.epoch(),
        position.epochs(),
        position.step(),
        position.steps(),
        position.loss(),
        rate(position.samplesPerSecond()));
  }

  private static String rate(double samplesPerSecond) {
    return String.format(Locale.ROOT, samplesPerSecond < 10 ? "%.1f" : "%,.0f", samplesPerSecond);
  }

  // by the pace of this process, evaluations and checkpoints included
  private String left(Position position, long now) {
    long done = position.step() - firstStep;
    long todo = position.steps() - position.step();
    Duration elapsed = started ? Duration.ofNanos(now - startedAt) : Duration.ZERO;
    if (elapsed.toSeconds() < 1 || done <= 0 || todo <= 0) {
      return "";
    }
    double millis = (double) elapsed.toMillis() / done * todo;
    return "  " + Durations.text(Duration.ofMillis(Math.round(millis))) + " left";
  }
}
