package io.elapid.backend.cuda;

import io.elapid.kernel.AcceleratorUnavailableException;
import java.lang.invoke.MethodHandle;
import java.util.Locale;
import jdk.incubator.foreign.MemorySegment;

/**
 * The functions of NVIDIA's collective communication library that are used here, checked: a result
 * that is a failure becomes a {@link CudaException} with the call and the library's texts.
 *
 * <p>Calls return before they are done, see {@link #isSettled}, so that whoever waits can give up.
 * Used by one thread at a time.
 */
final class Nccl {
  /** System property: file name or path of the library. */
  static final String LIBRARY = "elapid.nccl";

  /** The first version whose calls need not block. */
  private static final int OLDEST = 21_400;

  /** The library's numbers: a result, a type of elements, an operation. */
  private static final int IN_PROGRESS = 7;

  private static final int FLOAT = 7;
  private static final int SUM = 0;

  /** Marks what follows as the library's struct of settings. */
  private static final int MAGIC = 0xcafebeef;

  private static final int SETTINGS_BYTES = 24;
  private static final int BLOCKS = 0;
  private static final int UNDEFINED = Integer.MIN_VALUE;

  private final MethodHandle errorString;
  private final MethodHandle lastError;
  private final MethodHandle uniqueId;
  private final MethodHandle initialize;
  private final MethodHandle asyncError;
  private final MethodHandle allReduce;
  private final MethodHandle abort;

  /** Where functions write what they return. */
  private final NativeMemory result = NativeMemory.zeros(Long.BYTES);

  /** The library may write here until a communicator has settled. */
  private final NativeMemory handle = NativeMemory.zeros(Long.BYTES);

  private final NativeMemory settings = NativeMemory.zeros(SETTINGS_BYTES);
  private final int version;

  private Nccl(NativeLibrary library) throws AcceleratorUnavailableException {
    MethodHandle getVersion = library.function("ncclGetVersion", "L");
    errorString = library.pointer("ncclGetErrorString", "I");
    check(call(getVersion, result.address()), "ncclGetVersion");
    version = result.bytes().getInt(0);
    if (version < OLDEST) {
      throw new AcceleratorUnavailableException(version() + " is older than 2.14");
    }
    lastError = library.pointer("ncclGetLastError", "L");
    uniqueId = library.function("ncclGetUniqueId", "L");
    initialize = library.function("ncclCommInitRankConfig", "LISIL");
    asyncError = library.function("ncclCommGetAsyncError", "LL");
    allReduce = library.function("ncclAllReduce", "LLLIILL");
    abort = library.function("ncclCommAbort", "L");
    // The struct as of 2.14: its size, a mark, its version, whether calls block; then padding,
    // which is a setting of later versions.
    settings
        .bytes()
        .putLong(SETTINGS_BYTES)
        .putInt(MAGIC)
        .putInt(OLDEST)
        .putInt(BLOCKS)
        .putInt(UNDEFINED);
  }

  /**
   * Loads {@code libnccl.so.2}, or what {@code -Delapid.nccl} names.
   *
   * @throws AcceleratorUnavailableException when there is no such library, or one that is too old
   */
  static Nccl load() throws AcceleratorUnavailableException {
    try {
      return new Nccl(NativeLibrary.open(System.getProperty(LIBRARY, "libnccl.so.2")));
    } catch (CudaException e) {
      throw new AcceleratorUnavailableException(e.getMessage(), e);
    }
  }

  /** As in "NCCL 2.21.5". */
  String version() {
    boolean early = version < 10_000;
    int major = version / (early ? 1_000 : 10_000);
    int minor = version / 100 % (early ? 10 : 100);
    return "NCCL %d.%d.%d".formatted(major, minor, version % 100);
  }

  /** The name of a new group. */
  byte[] newId() {
    NativeMemory id = NativeMemory.zeros(NativeLibrary.STRUCT_BYTES);
    check(call(uniqueId, id.address()), "ncclGetUniqueId");
    byte[] bytes = new byte[NativeLibrary.STRUCT_BYTES];
    id.bytes().get(0, bytes);
    return bytes;
  }

  /** Begins to join a group; the handle of this rank's communicator, to be settled. */
  long join(byte[] id, int rank, int size) {
    if (id.length != NativeLibrary.STRUCT_BYTES) {
      throw new CudaException("the name of a group has %d bytes".formatted(id.length));
    }
    NativeMemory name = NativeMemory.zeros(id.length);
    name.bytes().put(0, id);
    handle.bytes().putLong(0, 0);
    check(
        call(
            initialize,
            handle.address(),
            size,
            MemorySegment.ofByteBuffer(name.bytes()),
            rank,
            settings.address()),
        "ncclCommInitRankConfig of rank %d of %d".formatted(rank, size));
    return handle.bytes().getLong(0);
  }

  /** Whether a communicator has done what it was called for; throws why it cannot. */
  boolean isSettled(long communicator) {
    check(call(asyncError, communicator, result.address()), "ncclCommGetAsyncError");
    int state = result.bytes().getInt(0);
    check(state, "NCCL", communicator);
    return state != IN_PROGRESS;
  }

  /** Sums floats in place once the stream comes to it. */
  void allReduce(long address, long floats, long communicator, long stream) {
    check(
        call(allReduce, address, address, floats, FLOAT, SUM, communicator, stream),
        "ncclAllReduce of %d floats".formatted(floats),
        communicator);
  }

  /** Ends what a communicator is doing, and the communicator, without the other ranks. */
  void abort(long communicator) {
    check(call(abort, communicator), "ncclCommAbort");
  }

  private void check(int code, String call) {
    check(code, call, 0);
  }

  private void check(int code, String call, long communicator) {
    if (code == 0 || code == IN_PROGRESS) {
      return;
    }
    String text = NativeLibrary.string((long) NativeLibrary.call(errorString, code));
    String message = String.format(Locale.ROOT, "%s: %s (%d)", call, text, code);
    if (communicator != 0) {
      long details = (long) NativeLibrary.call(lastError, communicator);
      String said = details == 0 ? "" : NativeLibrary.string(details).strip();
      message += said.isEmpty() ? "" : ": " + said;
    }
    throw new CudaException(message);
  }

  private static int call(MethodHandle function, Object... arguments) {
    return (int) NativeLibrary.call(function, arguments);
  }
}
