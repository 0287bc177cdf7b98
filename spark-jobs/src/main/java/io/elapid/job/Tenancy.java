package io.elapid.job;

import io.elapid.checkpoint.Fence;
import io.elapid.checkpoint.Lease;
import io.elapid.checkpoint.LeaseOwner;
import io.elapid.data.InputException;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A driver's hold on the folder that it writes into, kept up in the background until closed. */
final class Tenancy implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Tenancy.class);

  /** So many renewals may get lost before anyone else takes the driver for dead. */
  private static final int SIGNS_PER_TIMEOUT = 8;

  private final Lease lease;
  private final ScheduledExecutorService heart =
      Executors.newSingleThreadScheduledExecutor(
          body -> {
            Thread thread = new Thread(body, "elapid-lease");
            thread.setDaemon(true);
            return thread;
          });
  private final Future<?> beating;
  private volatile RankFailure lost;

  private Tenancy(Lease lease, Duration timeout) {
    this.lease = lease;
    long every = Math.max(1, timeout.toMillis() / SIGNS_PER_TIMEOUT);
    this.beating = heart.scheduleWithFixedDelay(this::renew, every, every, TimeUnit.MILLISECONDS);
  }

  /**
   * Takes a folder over from whoever had it, if that one is gone.
   *
   * @param leases where it is noted who writes into the folder: right below it
   * @param timeout after which a silent holder counts as gone
   * @throws InputException if someone else writes into it
   */
  static Tenancy claim(
      Configuration hadoop, Path leases, String application, Duration timeout, Consumer<String> say)
      throws IOException, InterruptedException {
    return new Tenancy(
        Lease.claim(hadoop, leases, LeaseOwner.here(application), timeout, say), timeout);
  }

  private void renew() {
    try {
      lease.renew();
    } catch (InputException e) {
      lost = RankFailure.ofRun(e.getMessage(), e.remedy());
      heart.shutdown();
    } catch (IOException | RuntimeException | FSError e) {
      LOG.warn("the hold on the folder could not be renewed: {}", e.toString());
    }
  }

  Fence fence() {
    return lease.fence();
  }

  /** Why the folder is not this driver's any more. */
  Optional<RankFailure> lost() {
    return Optional.ofNullable(lost);
  }

  @Override
  public void close() {
    beating.cancel(false);
    heart.shutdownNow();
    try {
      lease.close();
    } catch (IOException | FSError e) {
      LOG.warn("the folder could not be given back: {}", e.toString());
    }
  }
}
