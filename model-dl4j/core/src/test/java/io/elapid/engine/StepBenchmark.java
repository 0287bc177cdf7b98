package io.elapid.engine;

import io.elapid.data.loader.Batch;
import io.elapid.model.Models;
import io.elapid.optim.AdamWSettings;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Times training steps: {@code StepBenchmark MODEL SIDE BATCH THREADS [STEPS]}. Prints medians of
 * wall and CPU time of this thread, time by kind of operation, and memory.
 */
final class StepBenchmark {
  private static final int CLASSES = 10;

  private StepBenchmark() {}

  /** Runs the benchmark. */
  public static void main(String[] args) {
    int side = Integer.parseInt(args[1]);
    int size = Integer.parseInt(args[2]);
    int steps = args.length > 4 ? Integer.parseInt(args[4]) : 20;
    TrainerSettings settings =
        new TrainerSettings(
            Models.byName(args[0]),
            CLASSES,
            side,
            size,
            1,
            AdamWSettings.published(),
            1,
            0.99,
            Integer.parseInt(args[3]));
    long start = System.nanoTime();
    try (Trainer trainer = new Trainer(settings)) {
      System.out.printf("built in %.1f s%n", (System.nanoTime() - start) / 1e9);
      Batch batch = Batches.noise(1, size, side, CLASSES);
      measure(trainer, batch, steps / 2);
      double[] times = measure(trainer, batch, steps);
      System.out.printf(
          "%s %dx%d batch %d threads %s: gradients %.1f ms (cpu %.1f), update %.1f ms, %.0f images/s%n",
          args[0],
          side,
          side,
          size,
          args[3],
          times[0],
          times[1],
          times[2],
          size / (times[0] + times[2]) * 1000);
      System.out.println(trainer.memory());
      profile(trainer, steps);
    }
    System.exit(0);
  }

  private static double[] measure(Trainer trainer, Batch batch, int steps) {
    double[] wall = new double[steps];
    double[] cpu = new double[steps];
    double[] update = new double[steps];
    for (int i = 0; i < steps; i++) {
      long start = System.nanoTime();
      long cpuStart = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
      var vector = trainer.computeShard(batch);
      cpu[i] = (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - cpuStart) / 1e6;
      long middle = System.nanoTime();
      trainer.apply(vector, 1, 1e-4);
      wall[i] = (middle - start) / 1e6;
      update[i] = (System.nanoTime() - middle) / 1e6;
    }
    return new double[] {median(wall), median(cpu), median(update)};
  }

  /** The best of some runs per operation: on a busy machine the only figure that repeats. */
  private static void profile(Trainer trainer, int steps) {
    Map<String, Long> best = new HashMap<>();
    Map<String, String> kinds = new HashMap<>();
    long total = Long.MAX_VALUE;
    for (int i = 0; i < steps; i++) {
      long start = System.nanoTime();
      trainer
          .program()
          .run(
              (kind, name, nanos) -> {
                kinds.put(name, kind);
                best.merge(name, nanos, Math::min);
              });
      total = Math.min(total, System.nanoTime() - start);
    }
    Map<String, Double> byKind = new TreeMap<>();
    Map<String, Integer> count = new TreeMap<>();
    best.forEach((name, nanos) -> byKind.merge(kinds.get(name), nanos / 1e6, Double::sum));
    kinds.values().forEach(kind -> count.merge(kind, 1, Integer::sum));
    double inside = byKind.values().stream().mapToDouble(Double::doubleValue).sum();
    System.out.printf(
        "%d operations: best run %.2f ms, sum of the best of each %.2f ms%n",
        trainer.program().size(), total / 1e6, inside);
    byKind.entrySet().stream()
        .sorted(Comparator.comparingDouble(entry -> -entry.getValue()))
        .forEach(
            entry ->
                System.out.printf(
                    "%8.2f ms %4d x %s%n",
                    entry.getValue(), count.get(entry.getKey()), entry.getKey()));
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
