package io.elapid.backend.cuda;

import io.elapid.kernel.KernelSet;
import io.elapid.kernel.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;

/** Some of the {@link KernelChecks}. */
abstract class CheckGroup {
  private final Map<String, KernelChecks.Check> checks = new LinkedHashMap<>();

  /** By name. */
  final Map<String, KernelChecks.Check> checks() {
    return checks;
  }

  final void add(String name, Function<KernelSet, List<Tensor>> run) {
    add(name, Storage.FLOAT32, run);
  }

  final void add(String name, Storage storage, Function<KernelSet, List<Tensor>> run) {
    checks.put(name, new KernelChecks.Check(storage, run));
  }

  /** For results that lie where operands do. */
  static Tensor copy(Tensor tensor) {
    Tensor copy =
        Tensor.zeros(
            tensor.type(), IntStream.range(0, tensor.rank()).mapToLong(tensor::dim).toArray());
    copy.bytes().put(0, tensor.bytes(), 0, tensor.bytes().capacity());
    return copy;
  }
}
