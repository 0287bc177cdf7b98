package io.elapid.collective;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.backend.cuda.StandIn;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Ranks in processes of their own: what a killed or stopped executor looks like to the others. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class ProcessesTest {
  private static final int FOR_EVER = 1_000_000;

  /** One child process. */
  private record Rank(Process process, BufferedReader out) {
    String line() throws IOException {
      return out.readLine();
    }
  }

  private final List<Rank> ranks = new ArrayList<>();

  private void start(int size, int rounds, int length, String timeout) throws IOException {
    start(size, rounds, length, timeout, PeerSettings.Protection.AUTHENTICATED);
  }

  private void start(
      int size,
      int rounds,
      int length,
      String timeout,
      PeerSettings.Protection protection,
      String... options)
      throws IOException {
    for (int rank = 0; rank < size; rank++) {
      List<String> command = new ArrayList<>();
      command.add(System.getProperty("java.home") + "/bin/java");
      command.addAll(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1"));
      command.addAll(List.of(options));
      command.addAll(List.of("-cp", System.getProperty("java.class.path")));
      command.add(RankProcess.class.getName());
      for (int number : new int[] {rank, size, rounds, length}) {
        command.add(String.valueOf(number));
      }
      command.addAll(List.of(timeout, protection.name()));
      Process process =
          new ProcessBuilder(command)
              .redirectError(ProcessBuilder.Redirect.to(new File("/dev/null")))
              .start();
      ranks.add(
          new Rank(
              process, new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))));
    }
    List<String> lines = new ArrayList<>();
    for (Rank rank : ranks) {
      lines.add(rank.line());
    }
    for (Rank rank : ranks) {
      OutputStream in = rank.process().getOutputStream();
      in.write((String.join(";", lines) + "\n").getBytes(UTF_8));
      in.flush();
    }
  }

  private void awaitRunning() throws IOException {
    for (Rank rank : ranks) {
      assertThat(rank.line()).isEqualTo("RUNNING");
    }
  }

  @AfterEach
  void killAll() {
    ranks.forEach(rank -> rank.process().destroyForcibly());
  }

  @Test
  void processesReachTheSumOfOneProcess() throws Exception {
    int length = 100_003;
    start(3, 4, length, "PT20S");
    awaitRunning();

    float[] alone = AllReduceTest.sum(InProcess.single(), 8, length);
    for (Rank rank : ranks) {
      assertThat(rank.line()).isEqualTo("SUM " + Arrays.hashCode(alone));
      assertThat(rank.process().waitFor()).isZero();
    }
  }

  /** TLS asks for new keys after some 137 GB; here after a megabyte. */
  @Test
  void encryptedProcessesReachTheSameSumAndChangeTheirKeysOnTheWay(@TempDir Path folder)
      throws Exception {
    Path limits =
        Files.writeString(
            folder.resolve("limits"), "jdk.tls.keyLimits=AES/GCM/NoPadding KeyUpdate 2^20\n");
    int length = 500_003;
    start(
        2,
        20,
        length,
        "PT20S",
        PeerSettings.Protection.ENCRYPTED,
        "-Djava.security.properties=" + limits,
        "-Djdk.tls.client.cipherSuites=TLS_AES_256_GCM_SHA384");
    awaitRunning();

    float[] alone = AllReduceTest.sum(InProcess.single(), 8, length);
    for (Rank rank : ranks) {
      assertThat(rank.line()).isEqualTo("SUM " + Arrays.hashCode(alone));
      assertThat(rank.process().waitFor()).isZero();
    }
  }

  @Test
  void theOthersNameAKilledProcessWithinASecondOrTwo() throws Exception {
    start(3, FOR_EVER, 2_000_000, "PT30S");
    awaitRunning();

    long killed = System.nanoTime();
    ranks.get(1).process().destroyForcibly();

    for (int other : new int[] {0, 2}) {
      assertThat(ranks.get(other).line())
          .matches(
              "FAILED .*rank 1 \\(127.0.0.1:\\d+\\) closed the connection.* (during|after)"
                  + " all-reduce of step \\d+");
      assertThat(System.nanoTime() - killed).isLessThan(TimeUnit.SECONDS.toNanos(5));
      assertThat(ranks.get(other).process().waitFor()).isEqualTo(3);
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void theOthersNameAStoppedProcessAtTheDeadline() throws Exception {
    start(3, FOR_EVER, 2_000_000, "PT4S");
    awaitRunning();

    Process stopped = ranks.get(2).process();
    new ProcessBuilder("kill", "-STOP", String.valueOf(stopped.pid())).start().waitFor();

    for (int other : new int[] {0, 1}) {
      assertThat(ranks.get(other).line())
          .contains("FAILED ")
          .containsPattern("rank 2 \\(127.0.0.1:\\d+\\) did not .* within 4.0 s during all-reduce");
      assertThat(ranks.get(other).process().waitFor()).isEqualTo(3);
    }
  }

  /** Two processes with a device each, of the stand-in for GPUs. */
  private void startOnDevices(int rounds, int length, String timeout) throws Exception {
    Assumptions.assumeTrue(StandIn.obstacle().isEmpty(), "the stand-in cannot be built");
    start(
        2,
        rounds,
        length,
        timeout,
        PeerSettings.Protection.AUTHENTICATED,
        "-D" + RankProcess.ON_DEVICES + "=true",
        "-Delapid.cuda.driver=" + StandIn.library(StandIn.Flavour.FAST),
        "-Delapid.nccl=" + StandIn.communicator(),
        "--add-modules=jdk.incubator.foreign",
        "--enable-native-access=ALL-UNNAMED");
    awaitRunning();
  }

  @Test
  void processesReachTheSumOverTheirDevices() throws Exception {
    int length = 100_003;
    startOnDevices(4, length, "PT20S");

    float[] alone = AllReduceTest.sum(InProcess.single(), 8, length);
    for (Rank rank : ranks) {
      assertThat(rank.line()).isEqualTo("SUM " + Arrays.hashCode(alone));
      assertThat(rank.process().waitFor()).isZero();
    }
  }

  @Test
  void theOtherNamesAProcessThatIsKilledWhileDevicesSum() throws Exception {
    startOnDevices(FOR_EVER, 2_000_000, "PT30S");

    long killed = System.nanoTime();
    ranks.get(1).process().destroyForcibly();

    assertThat(ranks.get(0).line())
        .matches("FAILED .*rank 1 \\(127.0.0.1:\\d+\\) closed the connection.*");
    assertThat(System.nanoTime() - killed).isLessThan(TimeUnit.SECONDS.toNanos(8));
    assertThat(ranks.get(0).process().waitFor()).isEqualTo(3);
  }

  /** Which of the two the rank waits for is chance; NCCL cannot tell who it waits for. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void aProcessThatIsStoppedWhileDevicesSumEndsTheOthersAtTheDeadline() throws Exception {
    startOnDevices(FOR_EVER, 2_000_000, "PT4S");

    Process stopped = ranks.get(1).process();
    new ProcessBuilder("kill", "-STOP", String.valueOf(stopped.pid())).start().waitFor();

    assertThat(ranks.get(0).line())
        .matches(
            "FAILED .*(rank 1 \\(127.0.0.1:\\d+\\) did not|NCCL \\S+ did not finish) .*within"
                + " 4.0 s during all-reduce of step \\d+");
    assertThat(ranks.get(0).process().waitFor()).isEqualTo(3);
  }
}
