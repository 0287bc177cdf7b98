package io.elapid.backend.cuda;

import io.elapid.kernel.ElementType;
import io.elapid.kernel.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;

/**
 * One operation on the device: its operands there, scratch memory, and the kernels it starts.
 * Operands in unified memory are used where they are, others are copied, and {@link #finish} brings
 * the results back. Closing gives memory back, finished or not.
 */
final class Frame implements AutoCloseable {
  private final Device device;
  private final String operation;
  private final List<Tensor> operands = new ArrayList<>();
  private final List<Long> blocks = new ArrayList<>();
  private final List<Result> results = new ArrayList<>();

  private final List<Result> unified = new ArrayList<>();

  /** A tensor that is written, and where what is stored of it is. */
  private record Result(Tensor tensor, long address, Storage storage) {}

  /**
   * @param operation what is computed, for errors
   */
  Frame(Device device, String operation) {
    this.device = device;
    this.operation = operation;
    device.enter();
  }

  /** Whether there are kernels for tensors of that kind: floats, and at least one of them. */
  static boolean takes(Tensor tensor) {
    return tensor.type() == ElementType.FLOAT && tensor.size() > 0;
  }

  /** Address of a tensor that is read. */
  long in(Tensor tensor) {
    return in(tensor, Storage.FLOAT32);
  }

  /** Address of what is stored of a tensor that is read. */
  long in(Tensor tensor, Storage storage) {
    operands.add(tensor);
    if (!isUnified(tensor)) {
      return guarded(
          () -> {
            long address = take(storage.ofFloats(tensor.bytes().capacity()));
            device.staging().upload(tensor.bytes(), address, storage);
            return address;
          });
    }
    if (storage == Storage.FLOAT32) {
      return address(tensor);
    }
    long address = scratch(tensor.size(), storage);
    launch(convert("narrow", new Result(tensor, address, storage), address(tensor), address));
    return address;
  }

  private boolean isUnified(Tensor tensor) {
    return device.unified().holds(address(tensor), tensor.bytes().capacity());
  }

  private static long address(Tensor tensor) {
    return NativeMemory.over(tensor.bytes()).address();
  }

  private static Launch convert(String entry, Result result, long from, long to) {
    return Launch.of(
        result.storage().named("convert"),
        result.storage().named(entry),
        Launch.Shape.elements(result.tensor().size()),
        new Launch.Arguments().wide(result.tensor().size()).pointers(from, to));
  }

  /** Address of a copy of a table: what remains of a direct buffer. */
  long in(ByteBuffer table) {
    return guarded(
        () -> {
          long address = take(table.remaining());
          device.staging().upload(table.slice(), address);
          return address;
        });
  }

  /** That of a tensor, or 0, which kernels know as null. */
  long in(Optional<Tensor> tensor) {
    return tensor.map(this::in).orElse(0L);
  }

  /** Address for a tensor that is written. */
  long out(Tensor tensor) {
    return out(tensor, Storage.FLOAT32);
  }

  /** Address for what is stored of a tensor that is written. */
  long out(Tensor tensor, Storage storage) {
    operands.add(tensor);
    if (isUnified(tensor) && storage == Storage.FLOAT32) {
      unified.add(new Result(tensor, address(tensor), storage));
      return address(tensor);
    }
    long address = guarded(() -> take(storage.ofFloats(tensor.bytes().capacity())));
    (isUnified(tensor) ? unified : results).add(new Result(tensor, address, storage));
    return address;
  }

  /** That of a tensor, or 0. */
  long out(Optional<Tensor> tensor) {
    return tensor.map(this::out).orElse(0L);
  }

  /** Address of a tensor that is read and written. */
  long inOut(Tensor tensor) {
    long address = in(tensor);
    (isUnified(tensor) ? unified : results).add(new Result(tensor, address, Storage.FLOAT32));
    return address;
  }

  /** Address of room for so many floats. */
  long scratch(long floats) {
    return scratch(floats, Storage.FLOAT32);
  }

  /** Address of room for so many elements. */
  long scratch(long elements, Storage storage) {
    return guarded(() -> take(elements * storage.bytes()));
  }

  private long take(long bytes) {
    long address = device.memory().take(bytes);
    blocks.add(address);
    return address;
  }

  /** Starts a kernel. */
  void launch(Launch launch) {
    guarded(
        () -> {
          device.launch(launch);
          return 0;
        });
  }

  /**
   * Sums slices of {@code elements} floats one behind the other, in order.
   *
   * @param to receives the sum
   */
  void sumSlices(long from, int slices, long elements, long to) {
    sumSlices(from, slices, elements, to, Storage.FLOAT32);
  }

  /** The same to what is stored of the sum. */
  void sumSlices(long from, int slices, long elements, long to, Storage storage) {
    launch(
        Launch.of(
            storage.named("sum_slices"),
            Launch.Shape.elements(elements),
            new Launch.Arguments().pointers(from).numbers(slices).wide(elements).pointers(to)));
  }

  /** Brings the results back; those in unified memory are there once the device has settled. */
  void finish() {
    for (Result result : unified) {
      if (result.storage() != Storage.FLOAT32) {
        launch(convert("widen", result, result.address(), address(result.tensor())));
      }
    }
    if (!unified.isEmpty()) {
      device.leaves(operation);
    }
    guarded(
        () -> {
          results.forEach(
              r -> device.staging().download(r.address(), r.tensor().bytes(), r.storage()));
          return 0;
        });
  }

  private interface Step {
    long run();
  }

  private long guarded(Step step) {
    try {
      return step.run();
    } catch (CudaException e) {
      StringJoiner shapes = new StringJoiner(", ");
      operands.forEach(tensor -> shapes.add(tensor.toString()));
      throw new CudaException(
          "%s of %s on %s: %s".formatted(operation, shapes, device.description(), e.getMessage()),
          e);
    }
  }

  @Override
  public void close() {
    blocks.forEach(device.memory()::give);
    blocks.clear();
  }
}
