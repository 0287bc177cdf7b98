package io.elapid.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.worker.MachineProbe;
import io.elapid.worker.MachineProbe.DeviceSumsFacts;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SumsCheckTest {
  private static final DeviceSumsFacts ONE = new DeviceSumsFacts("NCCL 2.21.5", "GPU-1", "");

  @Test
  void sameLibraryAndOtherDevicesIsWell() {
    Finding finding = finding(ONE, new DeviceSumsFacts("NCCL 2.21.5", "GPU-2", ""));

    assertThat(finding).isEqualTo(Finding.ok("sums", "ranks can sum by NCCL 2.21.5"));
  }

  @Test
  void whoeverCannotIsNamedWithTheReason() {
    Finding finding = finding(ONE, new DeviceSumsFacts("", "", "cannot load libnccl.so.2"));

    assertThat(finding.verdict()).isEqualTo(Finding.Verdict.ADVICE);
    assertThat(finding.text())
        .isEqualTo("executor 1: cannot load libnccl.so.2: ranks would sum over sockets");
    assertThat(finding.fix()).contains("libnccl.so.2").contains("-D sync.transport=sockets");
  }

  @Test
  void librariesMustNotDiffer() {
    Finding finding = finding(ONE, new DeviceSumsFacts("NCCL 2.18.5", "GPU-2", ""));

    assertThat(finding.text())
        .startsWith("executor 0 has NCCL 2.21.5, executor 1 has NCCL 2.18.5:");
    assertThat(finding.fix()).startsWith("install the same version");
  }

  @Test
  void aDeviceIsForOneRank() {
    Finding finding = finding(ONE, ONE);

    assertThat(finding.text()).startsWith("executors 0 and 1 have the same GPU, GPU-1:");
    assertThat(finding.fix()).startsWith("-D cluster.gpus-per-rank=1");
  }

  private static Finding finding(DeviceSumsFacts... ranks) {
    List<MachineProbe.Facts> facts = new ArrayList<>();
    for (DeviceSumsFacts sums : ranks) {
      facts.add(
          new MachineProbe.Facts(
              "host",
              Integer.toString(facts.size()),
              17,
              true,
              "cuda",
              true,
              "",
              4,
              "1",
              0,
              1,
              "",
              List.of(),
              List.of("0"),
              "",
              "",
              sums));
    }
    return SumsCheck.of(facts);
  }
}
