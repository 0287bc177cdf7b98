package io.elapid.cli;

import picocli.CommandLine.Command;

@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = "Measures this machine. Nothing here needs Spark.",
    commandListHeading = "%nWhat can be measured:%n",
    synopsisSubcommandLabel = "WHAT",
    footer = {"", "'elapid bench WHAT --help' explains the options."},
    subcommands = {
      BenchTrainCommand.class,
      BenchInferCommand.class,
      BenchDetectCommand.class,
      BenchOpsCommand.class,
      BenchUpdateCommand.class,
      BenchMemoryCommand.class,
      BenchDataCommand.class,
      BenchPrepareCommand.class,
      BenchScoreCommand.class,
      BenchAllReduceCommand.class,
      BenchScalingCommand.class,
      BenchTrackersCommand.class
    })
final class BenchCommand {}
