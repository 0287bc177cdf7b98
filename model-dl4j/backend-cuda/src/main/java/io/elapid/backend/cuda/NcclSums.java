package io.elapid.backend.cuda;

import io.elapid.kernel.AcceleratorUnavailableException;
import io.elapid.kernel.DeviceSums;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Sums by NVIDIA's collective communication library: a vector goes to the GPU, over what connects
 * the GPUs, and back. With a stream, page-locked memory and a {@link Driver} of its own, since
 * kernels are launched meanwhile.
 *
 * <p>The library's own waiting knows no deadline and does not notice that a process is gone. Here
 * nothing waits in it: calls return at once, and what they have come to is asked for again and
 * again.
 */
final class NcclSums implements DeviceSums {
  /** Longest wait for the library to leave a group. */
  private static final long ABORT_SECONDS = 20;

  private final Driver driver;
  private final Nccl nccl;
  private final int device;
  private final String uuid;
  private final long context;
  private final long stream;
  private final Staging staging;
  private long communicator;
  private long room;
  private long roomBytes;
  private boolean closed;

  /** Whether the library has not come back from leaving a group, and may use the device still. */
  private boolean stuck;

  private NcclSums(Driver driver, Nccl nccl, int device) {
    this.driver = driver;
    this.nccl = nccl;
    this.device = device;
    uuid = driver.deviceUuid(device);
    context = driver.retainContext(device);
    driver.useContext(context);
    stream = driver.createStream();
    staging = new Staging(driver, stream);
  }

  /**
   * For the device of an address.
   *
   * @throws AcceleratorUnavailableException when there is no such library, driver or device
   */
  static NcclSums open(DeviceAddress address) throws AcceleratorUnavailableException {
    Nccl nccl = Nccl.load();
    try {
      Driver driver = Driver.load();
      return new NcclSums(driver, nccl, address.find(driver));
    } catch (CudaException e) {
      throw new AcceleratorUnavailableException(e.getMessage(), e);
    }
  }

  @Override
  public String device() {
    return uuid;
  }

  @Override
  public String library() {
    return nccl.version();
  }

  @Override
  public byte[] newGroup() {
    driver.useContext(context);
    return nccl.newId();
  }

  @Override
  public void join(byte[] group, int rank, int size, Patience patience) {
    if (communicator != 0) {
      throw new IllegalStateException("is in a group already");
    }
    inGroup(
        () -> {
          driver.useContext(context);
          communicator = nccl.join(group, rank, size);
          Waiting.until(() -> nccl.isSettled(communicator), patience);
        });
  }

  @Override
  public void sum(ByteBuffer mine, ByteBuffer sum, Patience patience) {
    if (communicator == 0) {
      throw new IllegalStateException("is in no group");
    }
    int bytes = mine.remaining();
    if (bytes == 0) {
      return;
    }
    inGroup(
        () -> {
          driver.useContext(context);
          makeRoom(bytes);
          staging.upload(mine.slice(), room);
          nccl.allReduce(room, bytes / Float.BYTES, communicator, stream);
          Waiting.until(() -> nccl.isSettled(communicator) && driver.isDone(stream), patience);
          staging.download(room, sum.slice().limit(bytes).slice());
        });
  }

  private void makeRoom(long bytes) {
    if (bytes > roomBytes) {
      freeRoom();
      room = driver.allocate(bytes);
      roomBytes = bytes;
    }
  }

  private void freeRoom() {
    if (roomBytes > 0) {
      driver.free(room);
      roomBytes = 0;
    }
  }

  /** Leaves the group when something goes wrong: nothing may go on using the device's memory. */
  private void inGroup(Runnable body) {
    try {
      body.run();
    } catch (CudaException e) {
      leaveBecauseOf(e);
      throw new CudaException("%s on %s: %s".formatted(library(), uuid, e.getMessage()), e);
    } catch (RuntimeException e) {
      leaveBecauseOf(e);
      throw e;
    }
  }

  private void leaveBecauseOf(RuntimeException failure) {
    try {
      leave();
    } catch (CudaException e) {
      failure.addSuppressed(e);
    }
  }

  /** On a thread that can be left behind: of all calls this one alone may not come back. */
  private void leave() {
    if (communicator == 0) {
      return;
    }
    CompletableFuture<Optional<CudaException>> end = new CompletableFuture<>();
    long left = communicator;
    communicator = 0;
    Thread thread = new Thread(() -> end.complete(abort(left)), "elapid-nccl-abort");
    thread.setDaemon(true);
    thread.start();
    stuck = true;
    Patience patience = Waiting.patience(ABORT_SECONDS);
    try {
      Waiting.beforeClosing(() -> Waiting.until(end::isDone, patience));
    } catch (CudaException e) {
      throw new CudaException("ncclCommAbort: " + e.getMessage(), e);
    }
    stuck = false;
    end.join()
        .ifPresent(
            failure -> {
              throw failure;
            });
  }

  private Optional<CudaException> abort(long left) {
    try {
      driver.useContext(context);
      nccl.abort(left);
      return Optional.empty();
    } catch (CudaException e) {
      return Optional.of(e);
    }
  }

  /**
   * By aborting: parting in an orderly way would wait for ranks that may be gone. Where that has
   * not come back, memory stays as it is: giving it back would wait for the device.
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    leave();
    if (stuck) {
      return;
    }
    driver.useContext(context);
    freeRoom();
    staging.close();
    driver.destroyStream(stream);
    driver.releaseContext(device);
  }
}
