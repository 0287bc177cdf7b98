package io.elapid.notebook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.elapid.analysis.Pictures;
import io.elapid.data.InputException;
import io.elapid.observe.ElapidPlugin;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What notes call, in a Spark application that is there already. */
final class NotebookTest {
  private static SparkSession spark;
  private static Notebook elapid;
  @TempDir static Path folder;

  @BeforeAll
  static void startSpark() {
    spark =
        SparkSession.builder()
            .master("local[1]")
            .config("spark.ui.enabled", false)
            .config("spark.plugins", ElapidPlugin.class.getName())
            .config("spark.sql.shuffle.partitions", 1)
            .getOrCreate();
    elapid = Notebook.of(spark);
  }

  @AfterAll
  static void stopSpark() {
    spark.stop();
  }

  @ParameterizedTest
  @CsvSource({"classification, 10", "detection, 8", "segmentation, 9"})
  void dataOfEveryKindIsAskedAndLookedAt(String kind, int classes) throws Exception {
    PreparedData data = elapid.generate(kind, 12, 10, folder.toUri().toString());
    assertThat(data.kind()).isEqualTo(kind);
    assertThat(data.classes()).hasSize(classes);
    assertThat(data.rows("train").count()).isEqualTo(12).isEqualTo(data.count("train"));
    List<Row> things = data.things("train").collectAsList();
    assertThat(things).hasSizeGreaterThanOrEqualTo(12);
    assertThat(things).allMatch(row -> row.getInt(1) < classes && row.getDouble(2) > 0);
    Display grid = data.grid("val", 5);
    assertThat(grid.body().split("<img ", -1)).hasSize(6);
    Pictures pictures = data.pictures("train", 3, 64);
    assertThat(pictures.count()).isEqualTo(3);
    assertThat(pictures.values()).hasSize(3 * 3 * 64 * 64);
    assertThatThrownBy(() -> data.rows("test"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("test");
  }

  @Test
  void trainingGoesOnInTheBackgroundAndIsSeen() throws Exception {
    PreparedData data = elapid.generate("classification", 64, 16, folder.toUri().toString());
    TrainingRun run =
        elapid.train(
            "quickstart",
            data,
            folder.resolve("run").toUri().toString(),
            "model.name=efficientvim_nano",
            "cluster.ranks=1",
            "batch.size=16",
            "batch.shards=1",
            "schedule.epochs=2",
            "log.every-steps=1",
            "evaluation.every-epochs=1");
    List<Display> shown = new ArrayList<>();
    run.watch(1, 5, shown::add);
    assertThat(run.running()).isFalse();
    assertThat(shown).isNotEmpty();
    assertThat(shown.get(shown.size() - 1).body()).contains("<path d=\"M");
    assertThat(run.lossTable().body().lines()).hasSizeGreaterThan(8);
    assertThat(run.accuracyTable().body()).startsWith("epoch\tmeasure\tpercent\n1\ttop-1\t");
    assertThat(run.firstAndLastLoss()).doesNotContain(Double.NaN);
    assertThat(run.top1()).isBetween(0.0, 1.0);
    assertThat(elapid.accuracies(folder.toUri().toString()).networks())
        .containsExactly("efficientvim_nano");
    assertThat(spark.sparkContext().isStopped()).isFalse();
  }

  @Test
  void whatCannotBeRunSaysSo() throws Exception {
    PreparedData data = elapid.generate("classification", 12, 10, folder.toUri().toString());
    TrainingRun run =
        elapid.train("quickstart", data, folder.resolve("failing").toUri().toString());
    assertThatThrownBy(() -> run.watch(1, 5, shown -> {}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("less than one batch");
    assertThatThrownBy(() -> elapid.generate("sounds", 1, 1, folder.toString()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("sounds");
    assertThatThrownBy(() -> elapid.train("no_recipe", data, "out"))
        .isInstanceOf(InputException.class);
  }
}
