package io.elapid.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.checkpoint.CheckpointMeta;
import io.elapid.checkpoint.ModelWeights;
import io.elapid.checkpoint.NamedTensor;
import io.elapid.checkpoint.WeightFile;
import io.elapid.it.NanoModel;
import io.elapid.worker.SmallData;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A dry run finds what would stop the command, says what would be done, and does nothing. */
final class DryRunTest {
  private static final int TRAIN = 8;
  private static final int VALIDATION = 4;

  @TempDir static Path folder;
  private static String weights;
  private static String data;

  @BeforeAll
  static void make() throws IOException {
    data = SmallData.prepare(folder, TRAIN, VALIDATION).toString();
    weights = weights("weights.safetensors", SmallData.CLASSES);
  }

  private static String weights(String name, int classes) throws IOException {
    CheckpointMeta meta =
        new CheckpointMeta(NanoModel.NAME, classes, 64, 0, 0, List.of(), Map.of(), "", Map.of());
    Map<String, NamedTensor> tensors =
        NanoModel.tensors(classes, 1).stream()
            .collect(Collectors.toMap(NamedTensor::name, Function.identity()));
    String file = folder.resolve(name).toString();
    WeightFile.create(new Configuration(), new org.apache.hadoop.fs.Path(file))
        .write(new ModelWeights("test", Optional.of(meta), tensors));
    return file;
  }

  @Test
  void evaluateComparesWeightsAndDataSet() throws IOException {
    Said said = said("evaluate", "--weights", weights, "--data", data, "--dry-run");
    assertThat(said.text()).contains("would measure").contains("on 4 pictures of val");
    assertThat(said.exit()).isZero();

    String others = weights("others.safetensors", SmallData.CLASSES + 1);
    Said refused = said("evaluate", "--weights", others, "--data", data, "--dry-run");
    assertThat(refused.exit()).isEqualTo(FailureReport.BAD_INPUT);
    assertThat(refused.text()).contains("has 4 classes");
    assertThat(
            said("evaluate", "--weights", weights, "--data", data, "--split", "no", "--dry-run")
                .exit())
        .isEqualTo(FailureReport.BAD_INPUT);
  }

  @Test
  void predictCountsThePictures() {
    String raw = folder.resolve("raw/val").toString();
    Said said = said("predict", "--weights", weights, raw, "--dry-run");
    assertThat(said.text()).contains("would ask").contains("4 classes").contains("4 pictures");
    assertThat(said.exit()).isZero();
    assertThat(said("predict", "--weights", weights, raw + "-none", "--dry-run").exit())
        .isEqualTo(FailureReport.BAD_INPUT);
  }

  @Test
  void convertReadsTheWeightsAndWritesNothing() throws IOException {
    Path out = folder.resolve("out.safetensors");
    Said said = said("convert", weights, out.toString(), "--dry-run");
    assertThat(said.text()).contains("would write " + out).contains(NanoModel.NAME);
    assertThat(said.exit()).isZero();
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).doesNotContain(out);
    }
  }

  /** How a command ended, and all that it printed. */
  private record Said(int exit, String text) {}

  private static Said said(String... words) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream into = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    PrintStream out = System.out;
    PrintStream err = System.err;
    System.setOut(into);
    System.setErr(into);
    try {
      int exit = Elapid.run(words);
      return new Said(exit, bytes.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }
}
