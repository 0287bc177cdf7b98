package io.elapid.data;

import java.util.Objects;

/**
 * Something the user gave us cannot be used: a path, a file, a recipe, a cluster too small for the
 * job.
 *
 * <p>The message is one line that names the file and field at fault; the remedy is one line that
 * says the way out. The command line prints both, without a stack trace, and exits with a non-zero
 * status.
 */
public final class InputException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String remedy;

  public InputException(String problem, String remedy) {
    this(problem, remedy, null);
  }

  public InputException(String problem, String remedy, Throwable cause) {
    super(Objects.requireNonNull(problem, "problem"), cause);
    this.remedy = Objects.requireNonNull(remedy, "remedy");
  }

  /** What the user can do about it, in one line. */
  public String remedy() {
    return remedy;
  }

  /** With the remedy: where Spark hands on a task's failure as text, both survive. */
  // The message alone stays what the command line prints.
  @SuppressWarnings("OverrideThrowableToString")
  @Override
  public String toString() {
    return getClass().getName() + ": " + getMessage() + " [fix: " + remedy + "]";
  }
}
