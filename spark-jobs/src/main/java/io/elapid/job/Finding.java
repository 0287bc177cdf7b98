package io.elapid.job;

/**
 * What {@code elapid doctor} has found out about one thing.
 *
 * @param subject what was looked at
 * @param verdict how it is
 * @param text what was found
 * @param fix what to do about it; empty where nothing need be done
 */
public record Finding(String subject, Verdict verdict, String text, String fix) {

  /** How grave a finding is. */
  public enum Verdict {
    /** As it should be. */
    OK,
    /** The run will work, but not as well as it could. */
    ADVICE,
    /** The run will fail, or do something else than asked. */
    PROBLEM
  }

  static Finding ok(String subject, String text) {
    return new Finding(subject, Verdict.OK, text, "");
  }

  static Finding advice(String subject, String text, String fix) {
    return new Finding(subject, Verdict.ADVICE, text, fix);
  }

  static Finding problem(String subject, String text, String fix) {
    return new Finding(subject, Verdict.PROBLEM, text, fix);
  }
}
