package io.elapid.backend.cuda;

import io.elapid.kernel.AcceleratorUnavailableException;
import io.elapid.kernel.DeviceSums;
import java.nio.ByteBuffer;

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

  private void leave() {
    if (communicator != 0) {
      long left = communicator;
      communicator = 0;
      driver.useContext(context);
      nccl.abort(left);
    }
  }

  /** By aborting: parting in an orderly way would wait for ranks that may be gone. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    leave();
    driver.useContext(context);
    freeRoom();
    staging.close();
    driver.destroyStream(stream);
    driver.releaseContext(device);
  }
}
