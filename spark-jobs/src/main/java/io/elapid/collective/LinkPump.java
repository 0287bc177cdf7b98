package io.elapid.collective;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** Moves frames between one link and the operations of a mesh: the bodies of its two threads. */
final class LinkPump {
  /** How long a broken pipe waits for the reason that the peer may have sent. */
  private static final long REASON_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  /** Longest reason that is passed on. */
  private static final int MAX_REASON_BYTES = 8192;

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final Mesh mesh;
  private final Link link;
  private final Peer peer;

  LinkPump(Mesh mesh, Link link) {
    this.mesh = mesh;
    this.link = link;
    this.peer = link.peer();
  }

  /** Sends what the operations have for this peer until the group ends, then says why. */
  void sendAll() {
    try {
      for (Operation.Outgoing out = next(); out != null; out = next()) {
        link.send(out.frame(), out.payload());
      }
      farewell();
      link.finishSending();
    } catch (IOException e) {
      connectionFailed(e, REASON_NANOS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      internalError(e);
    }
  }

  private Operation.Outgoing next() throws InterruptedException {
    mesh.lock.lock();
    try {
      while (!mesh.ended()) {
        Operation operation = mesh.unsentTo(peer.rank());
        Operation.Outgoing out =
            operation == null ? null : operation.next(peer.rank(), mesh.sequence());
        // The first frame says that this rank is in the operation; without one, it is said.
        boolean announces = operation != null && mesh.announces(peer.rank());
        if (announces && (out == null || out.isDone())) {
          return signal(Frame.Type.ENTER, mesh.sequence());
        }
        if (out != null && out.isDone()) {
          mesh.sentAll(peer.rank());
        } else if (out != null) {
          return out;
        } else {
          mesh.changed.await();
        }
      }
      return null;
    } finally {
      mesh.lock.unlock();
    }
  }

  private static Operation.Outgoing signal(Frame.Type type, long sequence) {
    return new Operation.Outgoing(new Frame(type, sequence, 0, 0, 0), NOTHING.duplicate());
  }

  private void farewell() throws IOException {
    Mesh.Failure failure;
    mesh.lock.lock();
    try {
      failure = mesh.failure();
    } finally {
      mesh.lock.unlock();
    }
    if (failure == null) {
      Operation.Outgoing leave = signal(Frame.Type.LEAVE, 0);
      link.send(leave.frame(), leave.payload());
      return;
    }
    byte[] reason = failure.reason().getBytes(StandardCharsets.UTF_8);
    int length = Math.min(reason.length, MAX_REASON_BYTES);
    link.send(
        new Frame(Frame.Type.ABORT, 0, failure.origin(), 0, length),
        ByteBuffer.wrap(reason, 0, length));
  }

  /** Receives until the peer ends the connection. */
  void receiveAll() {
    try {
      receiveFrames();
    } catch (IOException e) {
      connectionFailed(e, 0);
      link.drain();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      internalError(e);
    } finally {
      mesh.lock.lock();
      try {
        mesh.stopsReceiving();
      } finally {
        mesh.lock.unlock();
      }
    }
  }

  private void receiveFrames() throws IOException, InterruptedException {
    while (true) {
      Frame frame = link.receive();
      switch (frame.type()) {
        case LEAVE, ENTER -> signalled(frame);
        case ABORT -> {
          aborted(frame);
          link.drain();
          return;
        }
        default -> {
          ByteBuffer target = target(frame);
          if (target == null) {
            link.drain();
            return;
          }
          link.receive(target);
          received(frame);
        }
      }
    }
  }

  private void signalled(Frame frame) {
    mesh.lock.lock();
    try {
      if (frame.type() == Frame.Type.LEAVE) {
        mesh.leaves(peer.rank());
      } else {
        mesh.enters(peer.rank(), frame.sequence());
      }
    } finally {
      mesh.lock.unlock();
    }
  }

  private void aborted(Frame frame) throws IOException {
    if (frame.length() > MAX_REASON_BYTES) {
      throw new ProtocolException("sent a reason of " + frame.length() + " bytes");
    }
    ByteBuffer payload = ByteBuffer.allocate(frame.length());
    link.receive(payload);
    String reason = new String(payload.array(), StandardCharsets.UTF_8);
    String said = mesh.peerName(frame.chunk(), peer) + " stopped the run: " + reason;
    mesh.lock.lock();
    try {
      mesh.fail(new Mesh.Failure(frame.chunk(), reason, said, null));
    } finally {
      mesh.lock.unlock();
    }
  }

  /** Waits until this rank has room for the frame; null if the group ends before. */
  private ByteBuffer target(Frame frame) throws IOException, InterruptedException {
    mesh.lock.lock();
    try {
      mesh.enters(peer.rank(), frame.sequence());
      while (!mesh.ended()) {
        Operation operation = mesh.operationOf(frame);
        ByteBuffer target = operation == null ? null : operation.target(peer.rank(), frame);
        if (target != null) {
          return target;
        }
        mesh.changed.await();
      }
      return null;
    } finally {
      mesh.lock.unlock();
    }
  }

  private void received(Frame frame) throws IOException {
    mesh.lock.lock();
    try {
      Operation operation = mesh.ended() ? null : mesh.operationOf(frame);
      if (operation != null) {
        boolean news = operation.received(peer.rank(), frame);
        // What this completes is still in this core's cache; others are woken for the outcome.
        mesh.computeAll(operation);
        if (news) {
          mesh.changed.signalAll();
        }
      }
    } finally {
      mesh.lock.unlock();
    }
  }

  /** A peer that fails says why before it closes; that reason is better than a broken pipe. */
  private void connectionFailed(IOException e, long patience) {
    mesh.lock.lock();
    try {
      long remaining = patience;
      while (!mesh.ended() && remaining > 0 && !mesh.expectsNothingOf(peer.rank())) {
        remaining = mesh.changed.awaitNanos(remaining);
      }
      if (!mesh.expectsNothingOf(peer.rank())) {
        mesh.fail(peer + " " + describe(e) + " " + mesh.where(), e);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } finally {
      mesh.lock.unlock();
    }
  }

  private static String describe(IOException e) {
    return e instanceof ProtocolException || e instanceof EOFException
        ? e.getMessage()
        : "closed the connection (" + e.getMessage() + ")";
  }

  private void internalError(Throwable e) {
    mesh.lock.lock();
    try {
      mesh.fail("rank " + mesh.rank() + " failed " + mesh.where() + ": " + e, e);
    } finally {
      mesh.lock.unlock();
    }
  }
}
