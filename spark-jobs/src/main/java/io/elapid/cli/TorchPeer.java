package io.elapid.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.elapid.data.InputException;
import io.elapid.engine.StepBench;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The same network in PyTorch, in a process of its own that runs a step whenever it is told to and
 * waits otherwise.
 */
final class TorchPeer implements AutoCloseable {
  private static final long START_SECONDS = 120;
  private static final long RUN_SECONDS = 300;
  private static final long END_SECONDS = 5;
  private static final String NO_TORCH =
      "install Debian's python3-torch and libopenblas0-pthread (without the latter PyTorch multiplies with the slow"
          + " reference BLAS), or set PYTHON to an interpreter that has PyTorch";

  /** What the reader hands over when the process has closed its output. */
  private static final String END = "";

  private final Process process;
  private final Writer orders;
  private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
  private final JsonNode hello;

  private TorchPeer(Process process) {
    this.process = process;
    this.orders = process.outputWriter(StandardCharsets.UTF_8);
    Thread reader = new Thread(this::read, "elapid-peer");
    reader.setDaemon(true);
    reader.start();
    this.hello = hello(answer(START_SECONDS));
  }

  /**
   * Starts it.
   *
   * @throws InputException if there is no Python, no PyTorch in it, or no script
   */
  static TorchPeer start(Peer peer, StepKind kind, StepBench.Settings settings) {
    List<String> command =
        PythonScript.command(
            peer.script(),
            settings.model().name(),
            Integer.toString(settings.imageSize()),
            Integer.toString(settings.batch()),
            Integer.toString(settings.threads()),
            kind.word());
    Process process;
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
      // what the launcher sets for our own kernels; PyTorch runs as it comes
      builder.environment().remove("OMP_WAIT_POLICY");
      process = builder.start();
    } catch (IOException e) {
      throw new InputException("cannot start %s".formatted(command.get(0)), NO_TORCH, e);
    }
    try {
      return new TorchPeer(process);
    } catch (RuntimeException e) {
      process.destroyForcibly();
      throw e;
    }
  }

  private static JsonNode hello(String line) {
    JsonNode hello;
    try {
      hello = new ObjectMapper().readTree(line);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("PyTorch's side began with: " + line, e);
    }
    if (hello.has("error")) {
      throw new InputException(
          "%s has no PyTorch: %s"
              .formatted(PythonScript.interpreter(), hello.get("error").asText()),
          NO_TORCH);
    }
    return hello;
  }

  /** Version and BLAS. */
  String description() {
    return "PyTorch %s, BLAS: %s"
        .formatted(hello.path("torch").asText(), hello.path("blas").asText());
  }

  /** Elements of all parameters. */
  long parameters() {
    return hello.path("parameters").asLong();
  }

  /** Runs once and returns the nanoseconds that took. */
  long timedRun() {
    try {
      orders.write("run\n");
      orders.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("PyTorch's side has ended", e);
    }
    return Long.parseLong(answer(RUN_SECONDS).strip());
  }

  private String answer(long seconds) {
    String line;
    try {
      line = answers.poll(seconds, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for PyTorch", e);
    }
    if (line == null) {
      throw new IllegalStateException("PyTorch did not answer within %d s".formatted(seconds));
    }
    if (line.equals(END)) {
      throw new IllegalStateException("PyTorch's side ended; its messages stand above");
    }
    return line;
  }

  private void read() {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!line.isBlank()) {
          answers.add(line);
        }
      }
    } catch (IOException e) {
      // the process is gone, which is what END says
    }
    answers.add(END);
  }

  /** Its input's end is what it ends at; a stuck one is killed. */
  @Override
  public void close() {
    try {
      orders.close();
      process.waitFor(END_SECONDS, TimeUnit.SECONDS);
    } catch (IOException e) {
      // it did not wait for the end of its input
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process.destroyForcibly();
  }
}
