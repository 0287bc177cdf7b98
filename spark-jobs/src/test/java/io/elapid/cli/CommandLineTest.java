package io.elapid.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.elapid.config.RecipeLoader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** What README, recipes, Spark settings and help texts say can be typed is what is understood. */
final class CommandLineTest {
  private static final Path HOME = Path.of("..");
  private static final int TERMINAL = 80;

  @TempDir Path folder;

  static List<CommandText> written() throws IOException {
    List<CommandText> all = new ArrayList<>(CommandText.in(HOME.resolve("README.md")));
    for (String place : List.of("conf/recipes", "conf/spark")) {
      try (Stream<Path> files = Files.list(HOME.resolve(place))) {
        for (Path file : files.sorted().toList()) {
          all.addAll(CommandText.in(file));
        }
      }
    }
    return all;
  }

  @ParameterizedTest
  @MethodSource("written")
  void everyCommandThatIsWrittenDownIsUnderstood(CommandText text) {
    understood(text);
  }

  @Test
  void theseAreAllCommandsOfTheReadme() throws IOException {
    assertThat(CommandText.in(HOME.resolve("README.md"))).hasSizeGreaterThan(25);
    assertThat(written().stream().map(text -> text.words().get(0)))
        .contains("prepare", "train", "evaluate", "predict", "runs", "completion", "doctor");
  }

  @ParameterizedTest
  @MethodSource("commands")
  void helpExplainsEveryOptionAndShowsAnExampleThatIsUnderstood(CommandSpec command) {
    String help = command.commandLine().getUsageMessage(CommandLine.Help.Ansi.OFF);
    assertThat(command.usageMessage().header()).as(help).hasSize(1);
    // lists of commands show it alone
    assertThat(command.usageMessage().header()[0]).endsWith(".");
    assertThat(command.options())
        .as(help)
        .allSatisfy(
            option -> {
              assertThat(option.hidden() || option.description().length > 0).isTrue();
              // what picocli makes up of a field's name
              assertThat(
                      option.hidden()
                          || option.arity().max() == 0
                          || !option.paramLabel().startsWith("<"))
                  .as(option.longestName())
                  .isTrue();
            });
    List<CommandText> examples = CommandText.inHelp(command.usageMessage().footer());
    if (command.subcommands().isEmpty()) {
      assertThat(examples).as(help).isNotEmpty();
      assertThat(help).contains("Exit codes:");
      assertThat(command.usageMessage().footer())
          .as("an example must not be wrapped where it could not be typed")
          .allMatch(line -> line.length() <= TERMINAL);
    }
    examples.forEach(CommandLineTest::understood);
  }

  static List<CommandSpec> commands() {
    List<CommandSpec> all = new ArrayList<>();
    collect(Elapid.commandLine(), all);
    return all;
  }

  private static void collect(CommandLine line, List<CommandSpec> all) {
    for (CommandLine child : line.getSubcommands().values()) {
      if (!child.getCommandName().equals("help")) {
        all.add(child.getCommandSpec());
        collect(child, all);
      }
    }
  }

  private static void understood(CommandText text) {
    assertThatCode(
            () -> {
              ParseResult parsed =
                  Elapid.commandLine().parseArgs(text.words().toArray(String[]::new));
              recipe(parsed);
            })
        .as(text.toString())
        .doesNotThrowAnyException();
    text.settings().forEach(file -> assertThat(HOME.resolve(file)).as(text.toString()).exists());
  }

  /** Recipes that are named exist, and take the keys that are set. */
  private static void recipe(ParseResult parsed) {
    ParseResult last = parsed;
    while (last.hasSubcommand()) {
      last = last.subcommand();
    }
    String recipe = last.matchedOptionValue("--recipe", "");
    List<String> keys = last.matchedOptionValue("-D", List.of());
    if (!recipe.isEmpty() && !recipe.equals("NAME") && !recipe.equals("my.conf")) {
      RecipeLoader.load(recipe, keys);
    } else if (!keys.contains("key=value")) {
      RecipeLoader.parse("defaults", "", keys);
    }
  }

  @Test
  void mistakesEndWithTwoAndSuggestWhatIsNear() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream before = System.err;
    System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      assertThat(Elapid.run("trian")).isEqualTo(FailureReport.BAD_INPUT);
      assertThat(Elapid.run("train", "--no-such-option")).isEqualTo(FailureReport.BAD_INPUT);
      assertThat(Elapid.run("runs", folder.resolve("none").toString()))
          .isEqualTo(FailureReport.BAD_INPUT);
    } finally {
      System.setErr(before);
    }
    assertThat(bytes.toString(StandardCharsets.UTF_8)).contains("train", "is not a folder");
  }

  @Test
  void inspectRefusesWhatItWouldNotHeedOrCouldNotWrite() {
    Said overridden = Said.of("inspect", "data", "-D", "seed=2");
    assertThat(overridden.text()).contains("-D seed=2 changes a recipe").contains("add --recipe");
    assertThat(overridden.exit()).isEqualTo(FailureReport.BAD_INPUT);
    Said intoFolder = Said.of("inspect", "data", "--out", folder.toString());
    assertThat(intoFolder.text()).contains(folder + " is a folder");
    assertThat(intoFolder.exit()).isEqualTo(FailureReport.BAD_INPUT);
  }

  @Test
  void evaluateRefusesAFolderForItsResultBeforeItHasOne() {
    Said intoFolder =
        Said.of("evaluate", "--weights", "w", "--data", "d", "--json", folder.toString());
    assertThat(intoFolder.text()).contains("--json: " + folder + " is a folder");
    assertThat(intoFolder.exit()).isEqualTo(FailureReport.BAD_INPUT);
  }

  @Test
  void chaosRefusesAFolderInWhichItsDataCouldNotBeMade() throws IOException {
    Files.createDirectories(folder.resolve("chaos/raw"));
    Said again = Said.of("chaos", "--folder", folder.resolve("chaos").toString());
    assertThat(again.text()).contains("chaos is not empty");
    assertThat(again.exit()).isEqualTo(FailureReport.BAD_INPUT);
  }

  @Test
  void completionIsAScriptThatBashTakesAndThatKnowsEveryCommand() throws Exception {
    Path script = folder.resolve("completion");
    Files.writeString(script, printed("completion", "bash"));
    Process bash =
        new ProcessBuilder(
                "bash",
                "-c",
                ". \"$0\"; COMP_WORDS=(elapid tr); COMP_CWORD=1; _complete_elapid; echo \"${COMPREPLY[@]}\"",
                script.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(bash.waitFor(Duration.ofSeconds(30).toSeconds(), TimeUnit.SECONDS)).isTrue();

    assertThat(said.strip()).isEqualTo("train");
    for (CommandSpec command : commands()) {
      assertThat(Files.readString(script)).contains(command.name());
    }
    assertThat(printed("completion", "zsh")).contains("bashcompinit");
  }

  private static String printed(String... words) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream before = System.out;
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      assertThat(Elapid.run(words)).isZero();
    } finally {
      System.setOut(before);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
