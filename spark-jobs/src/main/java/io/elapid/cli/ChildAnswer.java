package io.elapid.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A program that is run once, in a process of its own, and answers with JSON. */
final class ChildAnswer {
  private ChildAnswer() {}

  /**
   * Runs it; its messages go where this process's go.
   *
   * @param limit after which it is killed
   * @return what it wrote last, or nothing at all
   * @throws UncheckedIOException if it cannot be started
   * @throws IllegalStateException if it takes longer, or answers with something else
   */
  static JsonNode of(List<String> command, Duration limit) {
    try {
      Path answer = Files.createTempFile("elapid-child", ".json");
      try {
        Process process =
            new ProcessBuilder(command)
                .redirectOutput(answer.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        await(process, command.get(0), limit);
        List<String> lines = Files.readAllLines(answer);
        return parsed(lines.isEmpty() ? "" : lines.get(lines.size() - 1));
      } finally {
        Files.delete(answer);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot run " + command.get(0), e);
    }
  }

  private static void await(Process process, String program, Duration limit) {
    try {
      if (!process.waitFor(limit.toSeconds(), TimeUnit.SECONDS)) {
        throw new IllegalStateException(
            "%s took more than %d s".formatted(program, limit.toSeconds()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for " + program, e);
    } finally {
      process.destroyForcibly();
    }
  }

  private static JsonNode parsed(String line) {
    try {
      return new ObjectMapper().readTree(line);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("not an answer: " + line, e);
    }
  }
}
