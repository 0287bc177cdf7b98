package io.elapid.data;

/**
 * A system property that is a whole number.
 *
 * @param name of the property
 * @param least that it may be
 * @param most that it may be
 */
public record NumberProperty(String name, long least, long most) {
  /**
   * What this process was started with, or has been told since.
   *
   * @param otherwise if it is not set, or empty
   * @throws InputException if it is no whole number, or out of range
   */
  public long value(long otherwise) {
    String text = System.getProperty(name, "");
    if (text.isEmpty()) {
      return otherwise;
    }
    try {
      long number = Long.parseLong(text);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // reported below, like a number that is out of range
    }
    throw new InputException(
        "-D%s is '%s', which is no whole number from %d to %d".formatted(name, text, least, most),
        "give such a number, without a unit, or leave it out");
  }
}
