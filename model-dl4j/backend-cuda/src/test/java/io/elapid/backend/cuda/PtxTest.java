package io.elapid.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is shipped belongs to the sources, and suits the devices that it is shipped for. */
class PtxTest {
  private static final Pattern STACK =
      Pattern.compile("(\\d+) bytes stack frame, (\\d+) bytes spill stores");

  private static String ptx(KernelSource source) throws IOException {
    try (InputStream in = PtxTest.class.getResourceAsStream(source.name() + ".ptx")) {
      assertThat(in).as("%s.ptx", source.name()).isNotNull();
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
    }
  }

  @Test
  void eachSourceHasThePtxThatWasMadeOfIt() throws IOException {
    List<KernelSource> sources = KernelSource.all(StandIn.sources());
    assertThat(sources).isNotEmpty();
    for (KernelSource source : sources) {
      assertThat(ptx(source).lines().findFirst())
          .as("%s.cu has changed: run src/main/scripts/ptx", source.name())
          .hasValue(source.mark());
    }
  }

  @Test
  void ptxIsOfVersionAndTargetThatOldDriversAndDevicesTake() throws IOException {
    for (KernelSource source : KernelSource.all(StandIn.sources())) {
      assertThat(ptx(source)).contains("\n.version 7.6\n", "\n.target sm_60\n");
    }
  }

  @Test
  void noKernelSpillsRegisters(@TempDir Path folder) throws Exception {
    if (!StandIn.onPath("ptxas")) {
      System.out.println("SKIPPED: registers and spills of kernels: ptxas was not found");
      Assumptions.abort("ptxas was not found");
    }
    for (KernelSource source : KernelSource.all(StandIn.sources())) {
      Path file = Files.writeString(folder.resolve(source.name() + ".ptx"), ptx(source));
      for (String architecture : List.of("sm_75", "sm_90", "sm_120")) {
        List<String> report = ptxas(file, architecture, folder);
        for (String line : report) {
          Matcher stack = STACK.matcher(line);
          if (stack.find()) {
            assertThat(stack.group(1))
                .as("%s %s: %s", source.name(), architecture, line)
                .isEqualTo("0");
          }
        }
      }
    }
  }

  private static List<String> ptxas(Path file, String architecture, Path folder) throws Exception {
    Path report = folder.resolve("report");
    Process process =
        new ProcessBuilder(
                "ptxas", "-v", "-arch=" + architecture, file.toString(), "-o", folder + "/cubin")
            .redirectErrorStream(true)
            .redirectOutput(report.toFile())
            .start();
    assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    List<String> lines = new ArrayList<>(Files.readAllLines(report));
    assertThat(process.exitValue()).as("%s", lines).isZero();
    Pattern used = Pattern.compile("entry function '(\\w+)'|Used (\\d+) registers");
    StringBuilder registers = new StringBuilder(architecture + " registers:");
    for (String line : lines) {
      Matcher matcher = used.matcher(line);
      if (matcher.find()) {
        registers
            .append(' ')
            .append(matcher.group(1) == null ? matcher.group(2) : matcher.group(1));
      }
    }
    System.out.println(registers);
    return lines;
  }
}
