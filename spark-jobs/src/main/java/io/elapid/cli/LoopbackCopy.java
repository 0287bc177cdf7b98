package io.elapid.cli;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** What sockets can do: vectors in memory from everyone to everyone, into vectors in memory. */
final class LoopbackCopy {
  private static final int CHUNK = 1 << 19;

  private LoopbackCopy() {}

  /** Times to move {@code bytes} from each of {@code ends} to each other one, all at once. */
  static long[] nanos(int ends, long bytes, int warmUp, int runs) throws Exception {
    List<SocketChannel> channels = new ArrayList<>();
    ExecutorService threads = Executors.newCachedThreadPool();
    try (ServerSocketChannel server = ServerSocketChannel.open()) {
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      for (int pair = 0; pair < ends * (ends - 1) / 2; pair++) {
        channels.add(SocketChannel.open(server.getLocalAddress()));
        channels.add(server.accept());
      }
      List<Callable<Void>> ways = new ArrayList<>();
      for (SocketChannel channel : channels) {
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        ByteBuffer out = ByteBuffer.allocateDirect(Math.toIntExact(bytes));
        ByteBuffer in = ByteBuffer.allocateDirect(Math.toIntExact(bytes));
        ways.add(() -> write(channel, out.clear()));
        ways.add(() -> read(channel, in.clear()));
      }
      long[] nanos = new long[runs];
      for (int run = -warmUp; run < runs; run++) {
        long start = System.nanoTime();
        for (Future<Void> way : threads.invokeAll(ways)) {
          way.get();
        }
        if (run >= 0) {
          nanos[run] = System.nanoTime() - start;
        }
      }
      return nanos;
    } finally {
      for (SocketChannel channel : channels) {
        channel.close();
      }
      threads.shutdownNow();
    }
  }

  private static Void write(SocketChannel channel, ByteBuffer vector) throws IOException {
    while (vector.hasRemaining()) {
      ByteBuffer chunk = next(vector);
      vector.position(vector.position() + channel.write(chunk));
    }
    return null;
  }

  private static Void read(SocketChannel channel, ByteBuffer vector) throws IOException {
    while (vector.hasRemaining()) {
      int count = channel.read(next(vector));
      if (count < 0) {
        throw new IOException("the other end has closed");
      }
      vector.position(vector.position() + count);
    }
    return null;
  }

  private static ByteBuffer next(ByteBuffer vector) {
    return vector.slice(vector.position(), Math.min(CHUNK, vector.remaining()));
  }
}
