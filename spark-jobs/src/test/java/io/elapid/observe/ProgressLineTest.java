package io.elapid.observe;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.observe.ProgressLine.Position;
import io.elapid.observe.ProgressLine.Style;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;

class ProgressLineTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(bytes, true, UTF_8);
  private final HandClock clock = new HandClock();

  @Test
  void elsewhereThanOnATerminalALineComesEveryTenSeconds() {
    ProgressLine line = new ProgressLine(out, Style.PLAIN, clock);
    for (int step = 1; step <= 100; step++) {
      line.update(at(1, step));
      clock.advance(Duration.ofSeconds(1));
    }
    assertThat(text().lines())
        .hasSize(11)
        .first()
        .isEqualTo("epoch 1/4  step 1/100  loss 1.2500  1,234 samples/s");
    assertThat(text().lines().toList().get(1))
        .isEqualTo("epoch 1/4  step 11/100  loss 1.2500  1,234 samples/s  1 min 29 s left");
    assertThat(text()).doesNotContain("\r", "\u001b");
  }

  @Test
  void theEndOfAnEpochIsShownAtOnce() {
    ProgressLine line = new ProgressLine(out, Style.PLAIN, clock);
    line.update(at(1, 10));
    line.epochEnd(at(1, 25));
    assertThat(text().lines()).hasSize(2).last().asString().contains("step 25/100");
  }

  @Test
  void onATerminalOneLineIsRedrawn() {
    ProgressLine line = new ProgressLine(out, Style.TERMINAL, clock);
    line.update(at(1, 25));
    clock.advance(Duration.ofMillis(20));
    line.update(at(2, 26));
    clock.advance(Duration.ofSeconds(10));
    line.update(at(2, 50));
    line.close();
    assertThat(text()).containsOnlyOnce("\n").doesNotContain("step 26/100");
    assertThat(text().split("\r\u001b\\[K"))
        .containsExactly(
            "",
            "[======>                 ] epoch 1/4  step 25/100  loss 1.2500  1,234 samples/s",
            "[============>           ] epoch 2/4  step 50/100  loss 1.2500  1,234 samples/s"
                + "  20 s left"
                + System.lineSeparator());
  }

  @Test
  void messagesStayAboveTheBar() {
    ProgressLine line = new ProgressLine(out, Style.TERMINAL, clock);
    line.update(at(1, 25));
    line.message("top-1 90 %");
    line.update(at(2, 26));
    line.close();
    String[] lines = text().split("\n");
    assertThat(lines).hasSize(2);
    assertThat(lines[0]).endsWith("\r\u001b[Ktop-1 90 %");
    assertThat(lines[1]).contains("step 26/100");
  }

  @Test
  void theLastStepIsAlwaysShown() {
    ProgressLine line = new ProgressLine(out, Style.TERMINAL, clock);
    line.update(at(4, 99));
    line.update(at(4, 100));
    assertThat(text())
        .endsWith(
            "[========================] epoch 4/4  step 100/100  loss 1.2500  1,234 samples/s");
  }

  @Test
  void aClosedLineWithNothingDrawnPrintsNothing() {
    new ProgressLine(out, Style.TERMINAL, clock).close();
    assertThat(text()).isEmpty();
  }

  @Test
  void spansReadNaturally() {
    assertThat(Durations.text(Duration.ofMillis(-5))).isEqualTo("0 s");
    assertThat(Durations.text(Duration.ofSeconds(59))).isEqualTo("59 s");
    assertThat(Durations.text(Duration.ofSeconds(192))).isEqualTo("3 min 12 s");
    assertThat(Durations.text(Duration.ofMinutes(125))).isEqualTo("2 h 05 min");
    assertThat(Durations.text(Duration.ofHours(75))).isEqualTo("3 d 03 h");
  }

  private static Position at(long epoch, long step) {
    return new Position(epoch, 4, step, 100, 1.25, 1234.4);
  }

  private String text() {
    return bytes.toString(UTF_8);
  }

  /** A time that moves when told, and stands wherever it likes. */
  private static final class HandClock implements LongSupplier {
    private long nanos = Long.MAX_VALUE - Duration.ofSeconds(15).toNanos();

    void advance(Duration duration) {
      nanos += duration.toNanos();
    }

    @Override
    public long getAsLong() {
      return nanos;
    }
  }
}
