package io.elapid.cli;

import io.elapid.cli.TextTable.Align;
import io.elapid.data.loader.Batch;
import io.elapid.engine.MemoryUse;
import io.elapid.engine.Trainer;
import io.elapid.engine.TrainerSettings;
import io.elapid.model.Backbone;
import io.elapid.model.Models;
import io.elapid.optim.AdamWSettings;
import java.io.PrintStream;
import java.util.Locale;

/** What memory a training step of each network takes, planned without taking it. */
final class StepMemoryTable {
  private static final int CLASSES = 1000;

  private StepMemoryTable() {}

  static void print(int batch, PrintStream out) {
    out.printf(
        "Memory of a training step in MiB: AdamW with moving average, batch %d, %d classes.%n",
        batch, CLASSES);
    TextTable table =
        new TextTable(
            Align.LEFT,
            Align.RIGHT,
            Align.RIGHT,
            Align.RIGHT,
            Align.RIGHT,
            Align.RIGHT,
            Align.RIGHT);
    table.row("name", "input", "weights", "gradients", "activations", "unshared", "peak");
    for (String name : Models.names()) {
      Backbone network = Models.byName(name);
      MemoryUse use = Trainer.plan(settings(network, batch));
      table.row(
          name,
          Integer.toString(network.imageSize()),
          mebibytes(use.state()),
          mebibytes(use.vector()),
          mebibytes(use.arena()),
          mebibytes(use.unshared()),
          mebibytes(use.peak()));
    }
    table.lines().forEach(out::println);
  }

  private static TrainerSettings<Batch> settings(Backbone network, int batch) {
    return TrainerSettings.classifier(
        network, CLASSES, network.imageSize(), batch, 1, AdamWSettings.published(), 1, 0.9999, 1);
  }

  private static String mebibytes(long bytes) {
    return String.format(Locale.ROOT, "%,d", (bytes + (1 << 19)) >> 20);
  }
}
