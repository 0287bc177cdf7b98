package io.elapid.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Percentiles by the nearest-rank definition. */
final class TimesTest {
  @Test
  void percentilesAreMembersOfTheSampleAtTheNearestRank() {
    Times times = new Times(LongStream.rangeClosed(1, 20).map(i -> 21 - i).toArray());
    assertThat(times.median()).isEqualTo(10);
    assertThat(times.percentile(90)).isEqualTo(18);
    assertThat(times.percentile(91)).isEqualTo(19);
    assertThat(times.percentile(1)).isEqualTo(1);
    assertThat(times.percentile(100)).isEqualTo(20);
    assertThat(times.best()).isEqualTo(1);
  }

  @Test
  void oneDurationIsEveryPercentile() {
    Times times = new Times(new long[] {7});
    assertThat(times.median()).isEqualTo(7);
    assertThat(times.percentile(90)).isEqualTo(7);
  }

  @Test
  void theCallersArrayStaysAsItIs() {
    long[] nanos = {3, 1, 2};
    Times times = new Times(nanos);
    assertThat(nanos).containsExactly(3, 1, 2);
    assertThat(times.nanos()).containsExactly(1, 2, 3);
  }

  @Test
  void nothingToSummariseIsRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> new Times(new long[0]));
    assertThatIllegalArgumentException().isThrownBy(() -> new Times(new long[] {1}).percentile(0));
  }
}
