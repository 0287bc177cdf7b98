package io.elapid.backend.cuda;

import io.elapid.kernel.KernelSet;
import io.elapid.kernel.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Every kernel once or a few times, with what it writes as the result: for runs on other devices
 * and under other tools, where the whole contract would take too long.
 */
final class KernelChecks {
  /** What runs, and what the device stores of it. */
  record Check(Storage storage, Function<KernelSet, List<Tensor>> run) {
    /** Runs on the device and by the plain loops. */
    void compare() {
      Gpu.compare(run, storage, 2e-5);
    }
  }

  private KernelChecks() {}

  /** By name. */
  static Map<String, Check> all() {
    Map<String, Check> all = new LinkedHashMap<>();
    List.of(
            new ScanChecks(),
            new NormChecks(),
            new MapChecks(),
            new LossChecks(),
            new WeightChecks())
        .forEach(group -> all.putAll(group.checks()));
    return all;
  }
}
