package io.elapid.worker;

import io.elapid.collective.Collective;
import io.elapid.collective.TreeSum;
import io.elapid.engine.GradientListener;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Sums gradients over the ranks on a thread of its own, from the moment that they are final. All
 * ranks compile the same network, so they hear of the same stretches in the same order.
 */
final class EarlySums implements GradientListener, AutoCloseable {
  private static final long PATIENCE_SECONDS = 10;

  private final Collective collective;
  private final TreeSum tree;
  private final ByteBuffer sum;
  private final ExecutorService thread;
  private final List<Future<?>> pending = new ArrayList<>();
  private int leaf;
  private int announced;
  private ByteBuffer vector;

  /**
   * Sums into {@code sum}.
   *
   * @param tree holds the rank's other leaves when a step begins
   */
  EarlySums(Collective collective, TreeSum tree, ByteBuffer sum) {
    this.collective = collective;
    this.tree = tree;
    this.sum = sum;
    this.thread =
        Executors.newSingleThreadExecutor(
            body -> {
              Thread daemon = new Thread(body, "elapid-early-sums");
              daemon.setDaemon(true);
              return daemon;
            });
  }

  /** The leaf that is computed next is the rank's last one. */
  void begin(int lastLeaf) {
    leaf = lastLeaf;
    announced = 0;
    pending.clear();
  }

  @Override
  public void begins(ByteBuffer shard) {
    vector = shard;
  }

  @Override
  public void ready(int from, int to) {
    announced += to - from;
    post(vector, from, to);
  }

  /** Sums what has not been announced, and returns when everything is summed. */
  void finish(ByteBuffer shard) throws Exception {
    // What is announced are the gradients, and they come first.
    post(shard, announced, tree.length());
    try {
      for (Future<?> stretch : pending) {
        stretch.get();
      }
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    } catch (InterruptedException e) {
      thread.shutdownNow();
      throw e;
    }
  }

  private void post(ByteBuffer shard, int from, int to) {
    pending.add(
        thread.submit(
            () -> {
              tree.add(leaf, shard, from, to);
              collective.allReduce(tree, from, to, sum);
            }));
  }

  @Override
  public void close() {
    thread.shutdownNow();
    boolean interrupted = Thread.interrupted();
    try {
      thread.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
