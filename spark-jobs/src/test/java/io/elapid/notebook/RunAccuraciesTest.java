package io.elapid.notebook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.elapid.data.InputException;
import io.elapid.notebook.ModelComparison.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Accuracies are what runs have logged, of each network's best run. */
final class RunAccuraciesTest {
  private static final ModelComparison COMPARED =
      new ModelComparison(
          List.of(
              new Row("tinyvim_s", 224, 5_000_000, 1, 20),
              new Row("tinyvim_b", 224, 9_000_000, 1, 30)));

  @TempDir Path folder;

  @Test
  void theBestRunOfEachNetworkCounts() throws IOException {
    run("a", "tinyvim_s", "imagenet", "top1", 0.71);
    run("b", "tinyvim_s", "imagenet", "top1", 0.79);
    run("c", "tinyvim_b", "imagenet", "top1", 0.81);
    run("d", "tinyvim_b", "coco", "ap", 0.99);
    run("e", "something_else", "imagenet", "top1", 0.9);

    RunAccuracies measured = measured();

    assertThat(measured.networks()).containsExactly("tinyvim_s", "tinyvim_b");
    assertThat(measured.table().body())
        .isEqualTo(
            """
            network\ttop-1 %\trun\tdata
            tinyvim_s\t79.00\tb\timagenet
            tinyvim_b\t81.00\tc\timagenet""");
    assertThat(COMPARED.accuracyPareto(measured).body()).contains("tinyvim_s", "tinyvim_b", "81");
  }

  @Test
  void whatCannotBeComparedIsNot() throws IOException {
    assertThat(measured().networks()).isEmpty();
    assertThatThrownBy(() -> COMPARED.accuracyPareto(measured()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("no run has evaluated any of tinyvim_s, tinyvim_b");
    run("a", "tinyvim_s", "imagenet", "top1", 0.71);
    run("b", "tinyvim_b", "shapes", "top1", 0.79);
    assertThatThrownBy(() -> COMPARED.accuracyPareto(measured()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("different data sets: imagenet, shapes");
  }

  private RunAccuracies measured() throws IOException {
    return RunAccuracies.of(new Configuration(), folder.toString());
  }

  private void run(String name, String model, String data, String metric, double reached)
      throws IOException {
    Path run = Files.createDirectories(folder.resolve(name));
    Files.writeString(
        run.resolve("metrics.jsonl"),
        """
        {"event":"run","name":"r","model":"%s","data":"%s","metric":"%s"}
        {"event":"evaluation","step":10,"%s":0.1}
        {"event":"evaluation","step":20,"%s":%s}
        {"event":"evaluation","step":30,"%s":0.2}
        """
            .formatted(model, data, metric, metric, metric, reached, metric));
  }
}
