package io.elapid.cli;

import io.elapid.job.Version;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** The command line's entry point. */
@Command(
    name = "elapid",
    description = {
      "Trains vision-Mamba networks on Apache Spark.",
      "",
      "Options for spark-submit stand before the command: elapid --master spark://host:7077 train ..."
    },
    synopsisHeading = "%nUsage: ",
    commandListHeading = "%nCommands:%n",
    optionListHeading = "%nOptions:%n",
    footer = {
      "",
      "Exit codes: 0 done, 1 the run failed, 2 the command or its input is wrong, 143 told to end (SIGTERM);",
      "training then saves a checkpoint first, and the same command goes on from there.",
      "'elapid COMMAND --help' explains a command."
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
      ChaosCommand.class,
      BenchCommand.class,
      CommandLine.HelpCommand.class
    })
public final class Elapid {

  private Elapid() {}

  public static void main(String[] arguments) {
    // Spark leaves threads behind that would keep the JVM alive after a failed barrier stage.
    System.exit(run(arguments));
  }

  static int run(String... arguments) {
    CommandLine line = new CommandLine(new Elapid());
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setUsageHelpAutoWidth(true);
    line.setExecutionExceptionHandler(
        (failure, command, parsed) -> FailureReport.print(failure, System.err));
    return line.execute(arguments);
  }

  static final class Versions implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"elapid " + Version.current()};
    }
  }
}
