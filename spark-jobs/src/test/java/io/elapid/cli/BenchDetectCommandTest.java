package io.elapid.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class BenchDetectCommandTest {
  @Test
  void timesAStepOfADetectorAndTellsItsMemory() {
    PrintStream before = System.out;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    try {
      assertThat(
              Elapid.run(
                  "bench",
                  "detect",
                  "--model",
                  "efficientvim_nano",
                  "--head",
                  "retinanet",
                  "--width",
                  "170",
                  "--height",
                  "160",
                  "--warm-up",
                  "0",
                  "--runs",
                  "1"))
          .isZero();
      assertThat(Elapid.run("bench", "detect", "--width", "20")).isNotZero();
    } finally {
      System.setOut(before);
    }
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("retinanet_efficientvim_nano, training: 170x160 in 192x192, batch 1")
        .containsPattern("step: median \\d+\\.\\d\\d ms")
        .containsPattern("memory: [\\d,]+ MiB planned; the process took [\\d,]+ MiB")
        .contains("x floor");
  }
}
