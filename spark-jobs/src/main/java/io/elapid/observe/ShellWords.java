package io.elapid.observe;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Commands as a shell takes them when they are pasted. */
public final class ShellWords {
  private static final Pattern PLAIN =
      Pattern.compile("[\\w@%+=:,./-]+", Pattern.UNICODE_CHARACTER_CLASS);
  private static final Pattern SPECIAL = Pattern.compile("[\"\\\\$`]");

  private ShellWords() {}

  /** One word, in double quotes where a shell would see several, or something else. */
  public static String quoted(String word) {
    return PLAIN.matcher(word).matches()
        ? word
        : '"' + SPECIAL.matcher(word).replaceAll("\\\\$0") + '"';
  }

  /** A whole command. */
  public static String joined(List<String> words) {
    return words.stream().map(ShellWords::quoted).collect(Collectors.joining(" "));
  }
}
