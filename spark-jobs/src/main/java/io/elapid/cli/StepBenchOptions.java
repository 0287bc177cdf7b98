package io.elapid.cli;

import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What is run and how often, for training and inference alike, and how closely it is looked at. */
final class StepBenchOptions extends StepRunOptions {
  @Option(
      names = "--naive",
      description = {
        "also runs the network written with stock SameDiff operations in SameDiff's own session, in turns with ours,",
        "and compares times; then each by itself in a process of its own, and compares memory. SameDiff's training step",
        "ends with the gradients"
      })
  private boolean naive;

  @Option(
      names = "--rewrites",
      description = {
        "instead shows what each rewrite of the program is worth: operations, memory of intermediate results and time",
        "without it, in turns with all of them"
      })
  private boolean rewrites;

  @Option(
      names = "--operations",
      description = {
        "instead runs operation by operation and prints each with the shapes it reads and writes and its smallest and",
        "largest value; fails at the first that writes a NaN or an infinity"
      })
  private boolean operations;

  @Option(
      names = "--alone",
      paramLabel = "SIDE",
      description = {
        "only runs the network, by elapid or by samediff, and prints the bytes that the process had resident, before",
        "and at most; --naive does that for both"
      })
  private Side alone;

  @Option(
      names = "--peer",
      paramLabel = "torch",
      description = {
        "also runs the network in PyTorch, in turns with ours, and compares times: EfficientViM only; needs",
        "Debian's python3-torch with libopenblas0-pthread or another PyTorch of 1.13 or later, in /usr/bin/python3",
        "or where PYTHON points; its step is forward, backward and AdamW without clipping and moving average"
      })
  private Peer peer;

  @Option(
      names = "--profile",
      paramLabel = "FILE",
      description = {
        "writes every operation of three steps to FILE, which chrome://tracing and https://ui.perfetto.dev show;",
        "'elapid train --profile' does it for a real run"
      })
  private Path profile;

  Optional<Path> profile() {
    return Optional.ofNullable(profile);
  }

  /** Whether an option asks for more than times. */
  boolean singlesOut() {
    return naive || rewrites || operations || alone != null || peer != null || profile != null;
  }

  boolean naive() {
    return naive;
  }

  boolean rewrites() {
    return rewrites;
  }

  boolean operations() {
    return operations;
  }

  Optional<Side> alone() {
    return Optional.ofNullable(alone);
  }

  Optional<Peer> peer() {
    return Optional.ofNullable(peer);
  }
}
