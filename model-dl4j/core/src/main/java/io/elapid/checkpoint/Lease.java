package io.elapid.checkpoint;

import io.elapid.data.InputException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * The right to write into a run's folder, which one process has at a time. It is claimed by
 * creating the file of the next number, which only one can; kept by touching it; and lost when
 * someone else claims the next.
 *
 * <p>A claim waits until the holder has been silent for a whole deadline on the claimer's own
 * clock, so that clocks need not agree. A holder that was only asleep finds out at its next {@link
 * #renew}, and its writers at their {@link Fence}.
 */
public final class Lease implements AutoCloseable {
  private static final long POLL_MILLIS = 100;

  private final Configuration conf;
  private final LeaseFiles files;
  private final LeaseOwner owner;
  private final Fence fence;

  private Lease(Configuration conf, LeaseFiles files, LeaseOwner owner, Fence fence) {
    this.conf = conf;
    this.files = files;
    this.owner = owner;
    this.fence = fence;
  }

  /**
   * Claims the run.
   *
   * @param folder where the leases of the run are; made if need be
   * @param silence after which a holder that is not known to be dead counts as dead; it renews
   *     several times in that time
   * @param say told when the claim has to wait
   * @throws InputException if someone holds the run and is alive
   */
  public static Lease claim(
      Configuration conf, Path folder, LeaseOwner owner, Duration silence, Consumer<String> say)
      throws IOException, InterruptedException {
    LeaseFiles files = new LeaseFiles(folder.getFileSystem(conf), folder);
    while (true) {
      long newest = files.newest();
      if (newest > 0 && !files.released(newest)) {
        awaitEnd(files, newest, folder, silence, say);
      }
      if (files.create(newest + 1, owner)) {
        files.deleteBefore(newest + 1);
        return new Lease(conf, files, owner, new Fence(folder.toString(), newest + 1));
      }
    }
  }

  private static void awaitEnd(
      LeaseFiles files, long epoch, Path folder, Duration silence, Consumer<String> say)
      throws IOException, InterruptedException {
    Optional<LeaseOwner> holder = files.owner(epoch);
    if (holder.filter(LeaseOwner::knownDead).isPresent()) {
      return;
    }
    String name = holder.map(LeaseOwner::toString).orElse("an unknown process");
    say.accept(
        "this run was last written by %s; waiting up to %d s for a sign of life"
            .formatted(name, silence.toSeconds()));
    Optional<Long> sign = files.lastSign(epoch);
    long end = System.nanoTime() + silence.toNanos();
    while (System.nanoTime() < end) {
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
      if (files.released(epoch)) {
        return;
      }
      if (!files.lastSign(epoch).equals(sign) || files.newest() != epoch) {
        throw new InputException(
            "%s is being written by %s".formatted(folder.getParent(), name),
            "let it go on, stop it first, or choose another output folder");
      }
    }
  }

  /**
   * When whoever holds the run last gave a sign of life, by the clock of the file system; empty if
   * nobody holds it, or its holder is known to be dead.
   */
  public static Optional<Instant> lastSign(Configuration conf, Path folder) throws IOException {
    LeaseFiles files = new LeaseFiles(folder.getFileSystem(conf), folder);
    long newest = files.newest();
    if (newest == 0
        || files.released(newest)
        || files.owner(newest).filter(LeaseOwner::knownDead).isPresent()) {
      return Optional.empty();
    }
    return files.lastSign(newest).map(Instant::ofEpochMilli);
  }

  /** What writers must check before they publish. */
  public Fence fence() {
    return fence;
  }

  /**
   * Shows that the holder is alive.
   *
   * @throws InputException if someone else has taken the run over
   */
  public void renew() throws IOException {
    fence.check(conf);
    files.touch(fence.epoch(), owner);
  }

  /** Gives the run back, so that the next claim need not wait. */
  @Override
  public void close() throws IOException {
    if (files.newest() == fence.epoch()) {
      files.release(fence.epoch());
    }
  }
}
