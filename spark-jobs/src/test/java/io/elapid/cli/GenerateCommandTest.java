package io.elapid.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.data.source.Ade20kSource;
import io.elapid.data.source.CocoSource;
import io.elapid.data.source.DataSource;
import io.elapid.data.source.ImageNetSource;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GenerateCommandTest {
  private static final Configuration CONF = new Configuration();

  @TempDir Path temp;

  @Test
  void everyTaskIsAFormThatTheRightSourceReads() throws Exception {
    DataSource shapes = ImageNetSource.open(CONF, generated("classification", "--size", "40"));
    assertThat(shapes.classes()).hasSize(10);
    DataSource boxes = CocoSource.open(CONF, generated("detection", "--classes", "3"));
    assertThat(boxes.classes()).hasSize(3);
    // the ground is a class of its own
    DataSource labels = Ade20kSource.open(CONF, generated("segmentation", "--size", "64"));
    assertThat(labels.classes()).hasSize(9);
  }

  private org.apache.hadoop.fs.Path generated(String task, String option, String value) {
    Path out = temp.resolve(task);
    assertThat(
            Elapid.run(
                "generate",
                out.toString(),
                "--task",
                task,
                "--train",
                "10",
                "--val",
                "10",
                option,
                value))
        .isZero();
    return new org.apache.hadoop.fs.Path(out.toUri());
  }

  @Test
  void refusesWhatCannotBeDrawn() {
    String out = temp.resolve("none").toString();
    assertThat(Elapid.run("generate", out, "--task", "detection", "--classes", "99")).isNotZero();
    assertThat(Elapid.run("generate", out, "--task", "poetry")).isNotZero();
    assertThat(temp.resolve("none")).doesNotExist();
  }
}
