package io.elapid.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A command as a text shows it, taken apart as the shell and the launcher do.
 *
 * @param origin where it stands
 * @param words the command and what belongs to it
 * @param settings files of Spark settings that it names
 */
record CommandText(String origin, List<String> words, List<String> settings) {
  private static final Pattern INLINE = Pattern.compile("(?:`|<\\()\\./elapid ([^`)]+)[`)]");
  private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|'([^']*)'|(\\S+)");

  /** Options of spark-submit that have no value. */
  private static final Set<String> FLAGS = Set.of("--supervise", "--verbose");

  /** All commands in a file: indented, in a comment, or between backticks. */
  static List<CommandText> in(Path file) throws IOException {
    String text = Files.readString(file).replaceAll("\\\\\\R#?\\s*", " ");
    List<CommandText> all = new ArrayList<>();
    for (String line : text.lines().toList()) {
      String bare = line.replaceFirst("^#?\\s+", "");
      if (bare.startsWith("./elapid ")) {
        String command = bare.substring("./elapid ".length());
        // in comments, what a command does stands behind a gap
        add(
            file.getFileName().toString(),
            line.startsWith("#") ? command.replaceFirst(" {3,}.*", "") : command,
            all);
      }
      Matcher inline = INLINE.matcher(line);
      while (inline.find()) {
        add(file.getFileName().toString(), inline.group(1), all);
      }
    }
    return all;
  }

  /** The examples at the end of a help text. */
  static List<CommandText> inHelp(String... footer) {
    List<CommandText> all = new ArrayList<>();
    String text = String.join("\n", footer).replaceAll("\\\\\\R\\s*", " ");
    for (String line : text.lines().toList()) {
      Matcher command = Pattern.compile("^(?:Examples?:)?\\s*(?:.*<\\()?elapid (.*)").matcher(line);
      if (command.find()) {
        add("help", command.group(1).replaceFirst("\\)$", ""), all);
      }
    }
    return all;
  }

  private static void add(String origin, String command, List<CommandText> all) {
    List<String> words = new ArrayList<>();
    Matcher word = WORD.matcher(command.replaceFirst("\\s+(#|> ).*", ""));
    while (word.find()) {
      words.add(
          word.group(1) != null
              ? word.group(1)
              : word.group(2) != null ? word.group(2) : word.group(3));
    }
    List<String> settings = new ArrayList<>();
    while (!words.isEmpty() && words.get(0).startsWith("-")) {
      String option = words.remove(0);
      if (!FLAGS.contains(option)) {
        String value = words.remove(0);
        if (option.equals("--properties-file")) {
          settings.add(value);
        }
      }
    }
    // "COMMAND" stands for any, and "..." for what has been left out
    boolean whole = !words.isEmpty() && !words.contains("...");
    if (whole && words.get(0).equals(words.get(0).toLowerCase(Locale.ROOT))) {
      all.add(new CommandText(origin, List.copyOf(words), List.copyOf(settings)));
    }
  }

  @Override
  public String toString() {
    return origin + ": elapid " + String.join(" ", words);
  }
}
