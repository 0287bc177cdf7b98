package io.elapid.cli;

import io.elapid.benchmark.DeviceScans;
import io.elapid.benchmark.ScanShape;
import io.elapid.benchmark.TimedScan;
import io.elapid.data.InputException;
import io.elapid.kernel.Accelerator;
import io.elapid.kernel.AcceleratorProvider;
import io.elapid.kernel.AcceleratorUnavailableException;
import io.elapid.kernel.KernelChoice;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "ops",
    mixinStandardHelpOptions = true,
    description = {
      "Times the state-space and map kernels of the CPU backend, and without --shape those of",
      "detectors and segmenters, with JMH against the reference and against the floor that",
      "memory and arithmetic set; takes some minutes.",
      "",
      "With --kernels cuda, times scans on the GPU, forward and gradient each by itself, against the",
      "floor that its memory, whose speed of copying is measured, and its exponentials, 16 a clock on",
      "each multiprocessor, set. The lines below the table say what is counted."
    },
    footer = {
      "",
      "Examples: elapid bench ops --shape TINYVIM",
      "          elapid bench ops --kernels cuda --batch 128 --storage bfloat16"
    })
final class BenchOpsCommand implements Callable<Integer> {
  private static final String CPU = KernelChoice.CPU;

  @Option(
      names = "--kernels",
      paramLabel = "KIND",
      description =
          "cpu, or cuda for the GPU of this machine (default: what this process computes with)")
  private Optional<String> kernels;

  @Option(
      names = "--storage",
      paramLabel = "KIND",
      description =
          "what a GPU keeps the scans' tensors as: float32, bfloat16 or float16 (default: what this"
              + " process was started with, else float32)")
  private Optional<String> storage;

  @Option(names = "--batch", paramLabel = "N", description = "pictures (default: 16, on a GPU 128)")
  private Optional<Integer> batch;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "2",
      description = "threads of one call on the CPU (default: ${DEFAULT-VALUE})")
  private int threads;

  @Option(
      names = "--shape",
      paramLabel = "PREFIX",
      defaultValue = "",
      description = "only shapes whose name starts like this, such as TINYVIM_B")
  private String prefix;

  @Option(names = "--no-reference", description = "leaves the slow reference of the CPU out")
  private boolean withoutReference;

  @Option(
      names = "--rough",
      description =
          "times everything on the CPU for moments only: shows that it runs, not how fast")
  private boolean rough;

  @Override
  public Integer call() throws Exception {
    OpsBenchmark.Reference reference =
        withoutReference ? OpsBenchmark.Reference.SKIPPED : OpsBenchmark.Reference.TIMED;
    Limits.require("--threads", threads, 1, Limits.THREADS);
    OpsBenchmark.Effort effort = rough ? OpsBenchmark.Effort.ROUGH : OpsBenchmark.Effort.WHOLE;
    String kind =
        kernels
            .or(() -> AcceleratorProvider.ofProcess().map(AcceleratorProvider::name))
            .orElse(CPU);
    if (kind.equals(CPU)) {
      storage.ifPresent(BenchOpsCommand::refuse);
      List<ScanShape> shapes = wanted(List.of(ScanShape.values()), ScanShape::name);
      new OpsBenchmark(pictures(16), threads, shapes, reference, effort).run(System.out);
    } else {
      timeOnDevice(kind, pictures(128));
    }
    return 0;
  }

  private static void refuse(String storage) {
    throw new InputException(
        "the CPU keeps tensors as they are, not as '%s'".formatted(storage),
        "give --kernels cuda too, or no --storage");
  }

  private void timeOnDevice(String kind, int pictures) {
    List<TimedScan> scans = wanted(TimedScan.published(pictures), TimedScan::name);
    AcceleratorProvider provider =
        AcceleratorProvider.named(kind)
            .orElseThrow(
                () ->
                    new InputException(
                        "no kernels are called '%s'".formatted(kind),
                        "give --kernels %s or %s"
                            .formatted(CPU, String.join(" or ", AcceleratorProvider.names()))));
    storage.ifPresent(kept -> System.setProperty(Accelerator.STORAGE, kept));
    try {
      Accelerator accelerator = provider.open();
      System.out.println("batch " + pictures);
      new DeviceScans(accelerator, scans).run(System.out);
    } catch (AcceleratorUnavailableException e) {
      throw new InputException(
          "no device for kernels '%s': %s".formatted(kind, e.getMessage()),
          "run this where the driver of a GPU is installed",
          e);
    }
  }

  private int pictures(int otherwise) {
    return Limits.require("--batch", batch.orElse(otherwise), 1, Limits.BATCH);
  }

  private <T> List<T> wanted(List<T> shapes, Function<T, String> name) {
    List<T> wanted =
        shapes.stream()
            .filter(shape -> name.apply(shape).startsWith(prefix.toUpperCase(Locale.ROOT)))
            .toList();
    if (wanted.isEmpty()) {
      throw new InputException(
          "no shape starts with '%s'".formatted(prefix),
          "the shapes are: %s".formatted(shapes.stream().map(name).toList()));
    }
    return wanted;
  }
}
