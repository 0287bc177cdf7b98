package io.elapid.cli;

import io.elapid.job.Version;
import io.elapid.predict.Predictor;
import java.io.IOException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** The command line's entry point, and that of Java programs. */
@Command(
    name = "elapid",
    description = {
      "Trains vision-Mamba networks on Apache Spark.",
      "",
      "Options for spark-submit stand before the command:",
      "  elapid --master spark://host:7077 train ..."
    },
    synopsisHeading = "%nUsage: ",
    commandListHeading = "%nCommands:%n",
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:the run failed, or what was looked at is not as it should be",
      "2:the command or its input is wrong",
      "143:told to end (SIGTERM); training saves a checkpoint first, and the same command goes on from there"
    },
    footer = {
      "",
      "'elapid COMMAND --help' explains a command and shows examples.",
      "'elapid completion bash' has the shell complete commands and options."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Elapid.Versions.class,
    subcommands = {
      QuickstartCommand.class,
      GenerateCommand.class,
      PrepareCommand.class,
      VerifyCommand.class,
      InspectCommand.class,
      TrainCommand.class,
      EvaluateCommand.class,
      PredictCommand.class,
      ExportCommand.class,
      ConvertCommand.class,
      ModelsCommand.class,
      SummaryCommand.class,
      DoctorCommand.class,
      RunsCommand.class,
      PipelineCommand.class,
      ChaosCommand.class,
      BenchCommand.class,
      CompletionCommand.class,
      CommandLine.HelpCommand.class
    })
public final class Elapid {

  private Elapid() {}

  public static void main(String[] arguments) {
    // Spark leaves threads behind that would keep the JVM alive after a failed barrier stage.
    System.exit(run(arguments));
  }

  /**
   * A trained network for Java programs: {@code Elapid.load("models/m1").predict(picture)}.
   *
   * @param path an exported model, a run or a checkpoint; any Hadoop path
   * @throws io.elapid.data.InputException if there is none, or it is damaged
   */
  public static Predictor load(String path) throws IOException {
    return Predictor.load(path);
  }

  static int run(String... arguments) {
    CommandLine line = commandLine();
    line.setExecutionExceptionHandler(
        (failure, command, parsed) -> FailureReport.print(failure, System.err));
    try {
      return line.execute(arguments);
    } catch (Error failure) { // which the handler is not asked about
      return FailureReport.print(failure, System.err);
    }
  }

  /** All commands, as they are parsed. */
  static CommandLine commandLine() {
    CommandLine line = new CommandLine(new Elapid());
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setUsageHelpAutoWidth(true);
    HelpLayout.apply(line);
    return line;
  }

  static final class Versions implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"elapid " + Version.current()};
    }
  }
}
