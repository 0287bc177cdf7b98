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
 * @param started when the process began, in ticks since the boot; empty if the system does not say
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
  /** Place of starttime among the fields of /proc/PID/stat that come after the program's name. */
  private static final int START = 19;

  /** This process, for one claim. */
  public static LeaseOwner here(String application) {
    ProcessHandle self = ProcessHandle.current();
    return new LeaseOwner(
        UUID.randomUUID().toString(),
        application,
        hostName(),
        thisMachine(),
        self.pid(),
        startOf(self.pid()),
        Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
  }

  /** Whether it ran where this process could see it, and does not any more. */
  boolean knownDead() {
    return !machine.isEmpty()
        && machine.equals(thisMachine())
        && !started.isEmpty()
        && ProcessHandle.of(pid)
            .filter(ProcessHandle::isAlive)
            .filter(process -> startOf(pid).equals(started))
            .isEmpty();
  }

  /** Java's own answer is a time of day, which is another one when the clock has been set. */
  static String startOf(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      // the name of the program, in brackets, may hold blanks and brackets
      String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ", -1);
      return fields[START];
    } catch (IOException e) {
      return "";
    }
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
