package io.elapid.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.data.Percentage.withPercentage;

import io.elapid.kernel.DeviceSpeeds;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Floors of scans against those that were computed by hand, for a card of 4.3 TB/s. */
class TimedScanTest {
  private static final Work.Speeds CARD = TimedScan.speeds(new DeviceSpeeds(4300, 132, 1.98, 1000));

  private static final Map<String, TimedScan> SCANS =
      TimedScan.published(128).stream()
          .collect(Collectors.toMap(TimedScan::name, Function.identity()));

  @ParameterizedTest
  @CsvSource({
    "TINYVIM_B_STAGE_1, 3.412, 6.523",
    "TINYVIM_B_STAGE_4, 44.96, 82.69",
    "MOBILEMAMBA_B1_STAGE_1_OF_128, 42.07, 73.66",
    "EFFICIENTVMAMBA_B_STAGE_1, 976.2, 1644.2",
    "EFFICIENTVMAMBA_B_STAGE_2, 475.3, 796.4"
  })
  void bytesAreThoseOfTheOperandsOnce(String name, double forward, double gradient) {
    TimedScan scan = SCANS.get(name);
    assertThat(scan.forward(Float.BYTES).bytes() / 1e6).isCloseTo(forward, withPercentage(0.02));
    assertThat(scan.gradient(Float.BYTES).bytes() / 1e6).isCloseTo(gradient, withPercentage(0.02));
  }

  @ParameterizedTest
  @CsvSource({
    "TINYVIM_B_STAGE_1, 2.5, 0.7, 1.1",
    "TINYVIM_B_STAGE_4, 18.5, 17, 17",
    "MOBILEMAMBA_B1_STAGE_1_OF_128, 21.8, 5.1, 7.7",
    "EFFICIENTVMAMBA_B_STAGE_1, 678, 332, 332",
    "EFFICIENTVMAMBA_B_STAGE_2, 326, 166, 166"
  })
  void floorsOfFusedScansAreThoseOfTheTable(
      String name, double megabytes, double forward, double gradient) {
    TimedScan scan = SCANS.get(name);
    assertThat(scan.fusedForward(Float.BYTES).bytes() / 1e6)
        .isCloseTo(megabytes, withPercentage(1));
    assertThat(scan.fusedForward(Float.BYTES).floor(CARD) / 1e3)
        .isCloseTo(forward, withPercentage(4));
    assertThat(scan.fusedGradient(Float.BYTES).floor(CARD) / 1e3)
        .isCloseTo(gradient, withPercentage(7));
  }

  @Test
  void exponentialsSetTheFloorOfManyStatesAndMemoryThatOfOne() {
    Work many = SCANS.get("EFFICIENTVMAMBA_B_STAGE_1").forward(Float.BYTES);
    assertThat(many.floor(CARD)).isCloseTo(many.exponentials() / (16 * 132 * 1.98), within(1e-6));
    Work one = SCANS.get("MOBILEMAMBA_B1_STAGE_1_OF_128").gradient(Float.BYTES);
    assertThat(one.floor(CARD)).isCloseTo(one.bytes() / 4300, within(1e-6));
  }
}
