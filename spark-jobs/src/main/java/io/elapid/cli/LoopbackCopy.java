package io.elapid.cli;

import io.elapid.benchmark.Times;
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

/** What sockets can do: the same bytes over and over, from everyone to everyone. */
final class LoopbackCopy {
  private static final int CHUNK = 1 << 19;

  private LoopbackCopy() {}

  /** Moves {@code bytes} from each of {@code ends} to each other one, all at once. */
  static Times times(int ends, long bytes, int warmUp, int runs) throws Exception {
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
        ByteBuffer out = ByteBuffer.allocateDirect(CHUNK);
        ByteBuffer in = ByteBuffer.allocateDirect(CHUNK);
        ways.add(() -> write(channel, out, bytes));
        ways.add(() -> read(channel, in, bytes));
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
      return new Times(nanos);
    } finally {
      for (SocketChannel channel : channels) {
        channel.close();
      }
      threads.shutdownNow();
    }
  }

  private static Void write(SocketChannel channel, ByteBuffer chunk, long bytes)
      throws IOException {
    for (long left = bytes; left > 0; ) {
      left -= channel.write(chunk.clear().limit((int) Math.min(CHUNK, left)));
    }
    return null;
  }

  private static Void read(SocketChannel channel, ByteBuffer chunk, long bytes) throws IOException {
    for (long left = bytes; left > 0; ) {
      int count = channel.read(chunk.clear().limit((int) Math.min(CHUNK, left)));
      if (count < 0) {
        throw new IOException("the other end has closed");
      }
      left -= count;
    }
    return null;
  }
}
