package io.elapid.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ShellWordsTest {
  @Test
  void wordsComeOutOfAShellAsTheyWere() throws Exception {
    List<String> words =
        List.of("hdfs://n:8020/runs/m-1_a", "/my runs/m 1", "a\"b\\c$d`e", "it's", "", "*");
    Process shell =
        new ProcessBuilder("bash", "-c", "printf '%s\\n' " + ShellWords.joined(words)).start();
    assertThat(new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines())
        .containsExactlyElementsOf(words);
    assertThat(ShellWords.joined(List.of("hdfs://n/übung", "/my runs")))
        .isEqualTo("hdfs://n/übung \"/my runs\"");
  }
}
