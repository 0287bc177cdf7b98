package io.elapid.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.observe.ChromeTrace;
import io.elapid.observe.OperationTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RunTraceTest {
  @TempDir Path dir;

  @Test
  void aTraceThatWasCutOffCostsNoReport() throws IOException {
    RunFolder folder =
        new RunFolder(new org.apache.hadoop.fs.Path(dir.toString()), new Configuration());
    Path traces = Files.createDirectory(dir.resolve(folder.traces().getName()));
    ChromeTrace trace = new ChromeTrace(0, "rank 0");
    trace.add(ChromeTrace.STEP, "step 0", "", 0, 2_000_000);
    trace.add(ChromeTrace.OPERATION, "conv2d", "stem", 0, 1_000_000);
    Files.writeString(traces.resolve("rank-00000.json"), trace.json());
    Files.writeString(traces.resolve("rank-00001.json"), trace.json().substring(0, 40));

    assertThat(RunTrace.collect(folder)).extracting(OperationTime::kind).contains("conv2d");
  }
}
