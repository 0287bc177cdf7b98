package io.elapid.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/**
 * How help is set: the first sentence of a description heads it and stands in lists of commands,
 * the rest is set in paragraphs as wide as the terminal, wherever the source breaks its lines. Exit
 * codes that a command does not tell of itself are those of all.
 */
final class HelpLayout {
  private static final String[] EXIT_CODES = {
    "0:done", "1:the run failed", "2:the command or its input is wrong"
  };

  private HelpLayout() {}

  /** Sets the help of all commands below one. */
  static void apply(CommandLine line) {
    for (CommandLine child : line.getSubcommands().values()) {
      if (!(child.getCommand() instanceof CommandLine.HelpCommand)) {
        apply(child.getCommandSpec());
        apply(child);
      }
    }
  }

  private static void apply(CommandSpec command) {
    UsageMessageSpec usage = command.usageMessage();
    List<String> text = paragraphs(usage.description());
    if (!text.isEmpty()) {
      String first = text.remove(0);
      int end = first.indexOf(". ");
      usage.header(end < 0 ? first : first.substring(0, end + 1));
      if (end >= 0) {
        text.add(0, first.substring(end + 2));
      }
      usage.description(text.toArray(String[]::new));
    }
    usage.synopsisHeading("%nUsage: ");
    usage.descriptionHeading(usage.description().length == 0 ? "" : "%n");
    if (command.subcommands().isEmpty()) {
      usage.optionListHeading("%n");
      if (usage.exitCodeList().isEmpty()) {
        usage.exitCodeList(UsageMessageSpec.keyValuesMap(EXIT_CODES));
      }
      usage.exitCodeListHeading("%nExit codes:%n");
    }
    for (OptionSpec option : List.copyOf(command.options())) {
      command.remove(option);
      command.addOption(option.toBuilder().description(paragraph(option.description())).build());
    }
  }

  private static String paragraph(String... lines) {
    return String.join(" ", lines);
  }

  /** Lines up to the end of a sentence or what announces a list; an empty one parts them, too. */
  private static List<String> paragraphs(String... lines) {
    List<String> all = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    for (String line : lines) {
      text.append(text.isEmpty() ? "" : " ").append(line);
      if (line.isEmpty() || line.matches(".*[.:;]")) {
        all.add(text.toString());
        text.setLength(0);
      }
    }
    if (!text.isEmpty()) {
      all.add(text.toString());
    }
    return all;
  }
}
