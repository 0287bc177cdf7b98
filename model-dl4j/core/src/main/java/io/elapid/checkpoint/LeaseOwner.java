package io.elapid.checkpoint;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;

/**
 * Who holds a {@link Lease}.
 *
 * @param id of this claim, never used twice
 * @param application what the cluster manager calls it
 * @param host where the process runs
 * @param machine what tells boots and containers of that name apart; empty if the system does not
 *     say
 * @param pid its number there
 * @param started when the process began; empty if the system does not say
 * @param since when the claim was made
 */
public record LeaseOwner(
    String id,
    String application,
    String host,
    String machine,
    long pid,
    String started,
    String since) {

  /** This process, for one claim. */
  public static LeaseOwner here(String application) {
    ProcessHandle self = ProcessHandle.current();
    return new LeaseOwner(
        UUID.randomUUID().toString(),
        application,
        hostName(),
        thisMachine(),
        self.pid(),
        startOf(self),
        Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
  }

  /** Whether it ran where this process could see it, and does not any more. */
  boolean knownDead() {
    return !machine.isEmpty()
        && machine.equals(thisMachine())
        && !started.isEmpty()
        && ProcessHandle.of(pid)
            .filter(ProcessHandle::isAlive)
            .filter(process -> startOf(process).equals(started))
            .isEmpty();
  }

  private static String startOf(ProcessHandle process) {
    return process.info().startInstant().map(Instant::toString).orElse("");
  }

  /** Processes are only visible within one boot of the kernel and one of its namespaces. */
  private static String thisMachine() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip()
          + " "
          + Files.readSymbolicLink(Path.of("/proc/self/ns/pid"));
    } catch (IOException | UnsupportedOperationException e) {
      return "";
    }
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "unknown host " + e.getMessage();
    }
  }

  @Override
  public String toString() {
    return "application %s (process %d on %s, since %s)".formatted(application, pid, host, since);
  }
}
