package io.elapid.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.elapid.data.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeaseTest {
  private static final Configuration CONF = new Configuration();
  private static final Duration SILENCE = Duration.ofMillis(600);

  @TempDir java.nio.file.Path dir;
  private Path folder;
  private final List<String> told = new ArrayList<>();

  @BeforeEach
  void place() {
    folder = new Path(dir.resolve("run/lease").toUri());
  }

  @Test
  void aReleasedRunIsFreeAtOnceAndItsOldOwnerIsFencedOff() throws Exception {
    Lease first = claim(LeaseOwner.here("app-1"));
    first.fence().check(CONF);
    first.renew();
    first.close();

    Lease second = claim(LeaseOwner.here("app-2"));

    assertThat(told).isEmpty();
    assertThat(second.fence().epoch()).isEqualTo(2);
    second.fence().check(CONF);
    assertFenced(first, "app-2");
    assertThatCode(first::close).doesNotThrowAnyException();
    assertThat(dir.resolve("run/lease/epoch-000000002.released")).doesNotExist();
  }

  @Test
  void whoeverShowsSignsOfLifeIsLeftAlone() throws Exception {
    Lease first = claim(LeaseOwner.here("app-1"));
    ScheduledExecutorService heart = Executors.newSingleThreadScheduledExecutor();
    try {
      Future<?> beating =
          heart.scheduleAtFixedRate(() -> renew(first), 50, 50, TimeUnit.MILLISECONDS);
      assertThatThrownBy(() -> claim(LeaseOwner.here("app-2")))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("is being written by application app-1")
          .hasMessageContaining(folder.getParent().toString());
      assertThat(beating.cancel(false)).isTrue();
    } finally {
      heart.shutdownNow();
      assertThat(heart.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }
    first.fence().check(CONF);
    assertThat(told).singleElement().asString().contains("waiting", "app-1");
  }

  @Test
  void whoeverMovesTheFolderIsNotTakenForAnotherDriver() throws Exception {
    Lease lease = claim(LeaseOwner.here("app-1"));
    Files.move(dir.resolve("run"), dir.resolve("moved"));
    assertThatThrownBy(lease::renew)
        .isInstanceOf(InputException.class)
        .hasMessageContaining(folder.getParent() + " was moved or deleted");
    assertThat(dir.resolve("run")).doesNotExist();
  }

  @Test
  void aHolderThatStaysSilentLosesTheRun() throws Exception {
    Lease first = claim(LeaseOwner.here("app-1"));
    long start = System.nanoTime();
    Lease second = claim(LeaseOwner.here("app-2"));
    assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(SILENCE.toNanos());
    assertFenced(first, "app-2");
    second.renew();
  }

  @Test
  void aHolderKnownToBeDeadIsNotWaitedFor() throws Exception {
    Process process = new ProcessBuilder("sleep", "100").start();
    LeaseOwner here = LeaseOwner.here("app-1");
    LeaseOwner other =
        new LeaseOwner(
            here.id(),
            "app-1",
            here.host(),
            here.machine(),
            process.pid(),
            LeaseOwner.startOf(process.pid()),
            here.since());
    assertThat(other.knownDead()).isFalse();
    Lease first = claim(other);
    process.destroyForcibly().waitFor();

    claim(LeaseOwner.here("app-2"));

    assertThat(told).isEmpty();
    assertFenced(first, "app-2");
  }

  /**
   * A time of day would be another one when the clock has been set, and its owner count as dead.
   */
  @Test
  void aProcessIsKnownByWhatNoClockChanges() throws Exception {
    LeaseOwner here = LeaseOwner.here("app-1");
    Process younger = new ProcessBuilder("sleep", "100").start();
    long start = Long.parseLong(LeaseOwner.startOf(younger.pid()));
    younger.destroyForcibly().waitFor();
    assertThat(here.started()).matches("\\d+");
    assertThat(Long.parseLong(here.started())).isLessThan(start);
    assertThat(here.knownDead()).isFalse();
  }

  @Test
  void anUnreadableClaimCountsAsAnyOther() throws Exception {
    Files.createDirectories(dir.resolve("run/lease"));
    Files.writeString(dir.resolve("run/lease/epoch-000000007.json"), "{\"id");
    Files.writeString(dir.resolve("run/lease/notes.txt"), "nobody's business");

    assertThat(claim(LeaseOwner.here("app-2")).fence().epoch()).isEqualTo(8);
    assertThat(told).singleElement().asString().contains("unknown process");
    assertThat(dir.resolve("run/lease/notes.txt")).exists();
  }

  /** Eight claim at the same time; the seven others hear of the one, or come after it. */
  @Test
  void oneOfManyGetsIt() throws Exception {
    var pool = Executors.newFixedThreadPool(8);
    try {
      List<Callable<Lease>> claims = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        String application = "app-" + i;
        claims.add(
            () -> Lease.claim(CONF, folder, LeaseOwner.here(application), SILENCE, message -> {}));
      }
      List<Lease> holders = new ArrayList<>();
      for (Future<Lease> claim : pool.invokeAll(claims)) {
        try {
          holders.add(claim.get());
        } catch (ExecutionException e) {
          assertThat(e.getCause()).isInstanceOf(InputException.class);
        }
      }
      long alive = holders.stream().filter(l -> !thrown(() -> l.fence().check(CONF))).count();
      assertThat(alive).isEqualTo(1);
      assertThat(holders).extracting(l -> l.fence().epoch()).doesNotHaveDuplicates();
    } finally {
      pool.shutdownNow();
    }
  }

  private static void renew(Lease lease) {
    try {
      lease.renew();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private interface Body {
    void run() throws Exception;
  }

  private static boolean thrown(Body body) {
    try {
      body.run();
      return false;
    } catch (Exception e) {
      return true;
    }
  }

  private void assertFenced(Lease lease, String taker) {
    assertThatThrownBy(lease::renew)
        .isInstanceOf(InputException.class)
        .hasMessageContaining("taken over by application " + taker);
  }

  private Lease claim(LeaseOwner owner) throws Exception {
    return Lease.claim(CONF, folder, owner, SILENCE, told::add);
  }
}
