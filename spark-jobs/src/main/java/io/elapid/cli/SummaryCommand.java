package io.elapid.cli;

import io.elapid.cli.TextTable.Align;
import io.elapid.data.InputException;
import io.elapid.engine.LayerCost;
import io.elapid.engine.NetworkCost;
import io.elapid.graph.Mode;
import io.elapid.model.Backbone;
import io.elapid.model.Models;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "summary",
    mixinStandardHelpOptions = true,
    description = {
      "Lists the layers of a network: module, operation, shape of the output for one picture, parameters, MACs.",
      "MACs are multiply-accumulates of convolutions, linear maps and matrix products."
    },
    footer = {"", "Example: elapid summary efficientvim_m1 --image-size 384 --classes 100"})
final class SummaryCommand implements Callable<Integer> {
  private static final int MIN_SIDE = 16;
  private static final int MAX_SIDE = 4096;
  private static final int MAX_CLASSES = 1_000_000;

  /** Forms of a network that can be listed. */
  enum Form {
    TRAIN,
    DEPLOY
  }

  @Parameters(paramLabel = "NAME", description = "a network; 'elapid models' lists them")
  private String name;

  @Option(
      names = "--image-size",
      paramLabel = "N",
      description = "side of the square input in pixels (default: the published one)")
  private Integer imageSize;

  @Option(
      names = "--classes",
      paramLabel = "N",
      defaultValue = "1000",
      description = "number of classes (default: ${DEFAULT-VALUE})")
  private int classes;

  @Option(
      names = "--form",
      paramLabel = "train|deploy",
      defaultValue = "train",
      description =
          "deploy: batch norms folded into what is before them (default: ${DEFAULT-VALUE})")
  private Form form;

  @Override
  public Integer call() {
    Backbone network = Models.byName(name);
    int side = imageSize == null ? network.imageSize() : imageSize;
    if (side < MIN_SIDE || side > MAX_SIDE || classes < 1 || classes > MAX_CLASSES) {
      throw new InputException(
          "summary: --image-size %d, --classes %d: out of range".formatted(side, classes),
          "--image-size lies between %d and %d, --classes between 1 and %d"
              .formatted(MIN_SIDE, MAX_SIDE, MAX_CLASSES));
    }
    Mode mode = form == Form.TRAIN ? Mode.TRAIN : Mode.DEPLOY;
    NetworkCost cost = NetworkCost.of(network, classes, side, mode);
    table(cost).lines().forEach(System.out::println);
    System.out.printf(
        Locale.ROOT,
        "%n%s at %dx%d, %,d classes: %,d parameters (%,d trainable), %,d running statistics, %.1f M MACs%n",
        network.name(),
        side,
        side,
        classes,
        cost.parameters(),
        cost.trainable(),
        cost.buffers(),
        cost.multiplyAccumulates() / 1e6);
    return 0;
  }

  private static TextTable table(NetworkCost cost) {
    TextTable table = new TextTable(Align.LEFT, Align.LEFT, Align.RIGHT, Align.RIGHT, Align.RIGHT);
    table.row("module", "operation", "output", "parameters", "MACs");
    for (LayerCost layer : cost.layers()) {
      table.row(
          layer.module(),
          layer.op().replace("elapid_", ""),
          shape(layer.output()),
          count(layer.parameters()),
          count(layer.multiplyAccumulates()));
    }
    return table;
  }

  /** Without the batch, which is one picture. */
  private static String shape(long[] output) {
    return Arrays.stream(output).skip(1).mapToObj(Long::toString).collect(Collectors.joining("x"));
  }

  private static String count(long value) {
    return value == 0 ? "-" : String.format(Locale.ROOT, "%,d", value);
  }
}
