package io.elapid.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.backend.cuda.Launch.Arguments;
import io.elapid.backend.cuda.Launch.Shape;
import io.elapid.kernel.ElementType;
import io.elapid.kernel.Tensor;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kernels under AddressSanitizer, in JVMs of their own. */
@Tag(StandInCondition.TAG)
class AddressSanitizerTest {
  @TempDir private Path folder;

  private Path sanitizer;

  /** What a JVM computes: every kernel, or one with a mistake. */
  public static final class Program {
    private Program() {}

    public static void main(String[] args) throws Exception {
      if (args.length == 0) {
        KernelChecks.all().values().forEach(KernelChecks.Check::compare);
      } else {
        planted(args[0]);
      }
      System.out.println("done");
    }

    private static void planted(String kernel) throws Exception {
      try (Device device = Device.open(Driver.load(), new DeviceAddress("0"));
          Frame frame = new Frame(device, "plant")) {
        device.modules().add("planted", Planted.PTX);
        Tensor tensor = Tensor.zeros(ElementType.FLOAT, 16);
        Arguments arguments = new Arguments().pointers(frame.inOut(tensor)).numbers(16);
        frame.launch(Launch.of("planted", kernel, new Shape(1, 1, 1, 2, 0), arguments));
        frame.finish();
      }
    }
  }

  @BeforeEach
  void findSanitizer() throws Exception {
    Process process =
        new ProcessBuilder("g++", "-print-file-name=libasan.so").redirectErrorStream(true).start();
    String path =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    sanitizer = Path.of(path);
    if (!sanitizer.isAbsolute() || !Files.exists(sanitizer)) {
      System.out.println("SKIPPED: kernels under AddressSanitizer: g++ has no libasan.so");
      Assumptions.abort("g++ has no libasan.so");
    }
  }

  private String run(String... arguments) throws Exception {
    List<String> options =
        List.of(
            "-Xmx256m",
            "-D" + Driver.LIBRARY + "=" + StandIn.library(StandIn.Flavour.ADDRESS_SANITIZER));
    // The JVM handles SIGSEGV itself, and leaks by design.
    String settings =
        "handle_segv=0:detect_leaks=0:use_sigaltstack=0:detect_stack_use_after_return=0";
    Map<String, String> environment =
        Map.of("LD_PRELOAD", sanitizer.toString(), "ASAN_OPTIONS", settings);
    return ChildJvm.run(folder, options, environment, Program.class, arguments).output();
  }

  @Test
  void noKernelReadsOrWritesOutOfBounds() throws Exception {
    String output = run();
    assertThat(output).doesNotContain("AddressSanitizer").contains("done");
  }

  @Test
  void accessesOutOfBoundsAreReported() throws Exception {
    assertThat(run("planted_read_out_of_bounds"))
        .contains("AddressSanitizer: heap-buffer-overflow", "READ of size 4");
    assertThat(run("planted_out_of_bounds"))
        .contains("AddressSanitizer: heap-buffer-overflow", "WRITE of size 4");
  }
}
