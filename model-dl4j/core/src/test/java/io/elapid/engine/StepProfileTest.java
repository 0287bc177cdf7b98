package io.elapid.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.elapid.benchmark.Work;
import java.util.List;
import org.junit.jupiter.api.Test;

class StepProfileTest {
  private static final Work NONE = new Work(0, 0, 0);

  @Test
  void aRunIsComparedWithItsOwnProducts() {
    StepProfile.Recorder recorder =
        new StepProfile.Recorder(
            List.of(
                new StepOperation("elapid_conv2d", "conv", NONE, true),
                new StepOperation("elapid_conv2d", "conv_1", NONE, true),
                new StepOperation("elapid_batch_norm", "norm", NONE, false)));
    // a neighbour slows another convolution down in each of the first two runs
    run(recorder, 300, 100, 70);
    run(recorder, 100, 300, 70);
    run(recorder, 100, 100, 40);
    StepProfile profile = recorder.profile();

    assertThat(profile.run()).isEqualTo(470);
    assertThat(profile.products()).isEqualTo(400);
    assertThat(profile.timesProducts()).isCloseTo(470.0 / 400, within(1e-12));
    assertThat(profile.kinds().get(0).nanos()).isEqualTo(200);
  }

  private static void run(StepProfile.Recorder recorder, long conv, long other, long norm) {
    recorder.executed("elapid_conv2d", "conv", conv);
    recorder.executed("elapid_conv2d", "conv_1", other);
    recorder.executed("elapid_batch_norm", "norm", norm);
    recorder.endRun(conv + other + norm, conv + other + norm);
  }
}
