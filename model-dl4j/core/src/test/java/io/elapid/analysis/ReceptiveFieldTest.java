package io.elapid.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.elapid.data.InputException;
import io.elapid.data.SplitMix;
import io.elapid.engine.ProgramSpec;
import io.elapid.engine.StepProgram;
import io.elapid.model.Models;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.linalg.api.buffer.DataType;

/** How far networks see, against finite differences of their last map. */
@Tag("backend")
final class ReceptiveFieldTest {
  private static final int SIDE = 64;

  /** Pixels and steps are multiples of it, so that float32 holds them exactly. */
  private static final float STEP = 0x1p-17f;

  @ParameterizedTest
  @ValueSource(strings = {"efficientvim_m1", "tinyvim_s", "mobilemamba_t2", "efficientvmamba_t"})
  void contributionsAreThoseOfFiniteDifferences(String name) {
    Subject subject = Subject.untrained(Models.byName(name), 1);
    Pictures picture = noise(1);
    ReceptiveField field = ReceptiveField.of(subject, picture, DataType.DOUBLE);
    try (Forward forward = Forward.of(subject, DataType.DOUBLE, picture, 1)) {
      SDVariable middle = ReceptiveField.middle(forward);
      ProgramSpec spec =
          new ProgramSpec(forward.graph(), forward.inputs(), Map.of(), Set.of(middle.name()));
      try (StepProgram program = StepProgram.compile(spec)) {
        for (int pixel : List.of(30 * SIDE + 37, 5 * SIDE + 11)) {
          double expected = 0;
          for (int c = 0; c < 3; c++) {
            int index = c * SIDE * SIDE + pixel;
            double above = value(forward, program, middle, moved(picture, index, STEP));
            double below = value(forward, program, middle, moved(picture, index, -STEP));
            expected += Math.max(0, (above - below) / (2 * STEP));
          }
          assertThat(field.contribution()[pixel])
              .as("pixel %d", pixel)
              .isCloseTo(expected, within(1e-6 + 1e-5 * expected));
        }
      }
    }
    assertThat(field.side(0.5)).isBetween(0.0, field.side(0.99));
  }

  private static double value(
      Forward forward, StepProgram program, SDVariable middle, Pictures picture) {
    forward.show(picture);
    program.run();
    return program.kept(middle.name()).getDouble(0);
  }

  private static Pictures moved(Pictures picture, int index, float step) {
    float[] values = picture.values().clone();
    values[index] += step;
    return new Pictures(picture.count(), picture.height(), picture.width(), values);
  }

  @Test
  void theFieldOfSeveralPicturesIsTheMeanOfTheirs() {
    Subject subject = Subject.untrained(Models.byName("efficientvim_nano"), 1);
    Pictures both = noise(2);
    ReceptiveField field = ReceptiveField.of(subject, both, DataType.DOUBLE);
    Pictures swapped = swapped(both);
    double[] again = ReceptiveField.of(subject, swapped, DataType.DOUBLE).contribution();
    for (int i = 0; i < again.length; i++) {
      assertThat(again[i]).isCloseTo(field.contribution()[i], within(1e-9 + 1e-6 * again[i]));
    }
    assertThat(Arrays.stream(field.contribution()).min().orElseThrow()).isNotNegative();
    assertThat(Arrays.stream(field.contribution()).max().orElseThrow()).isPositive();
  }

  @Test
  void theSideIsThatOfTheSmallestSquare() {
    double[] contribution = new double[9 * 9];
    contribution[4 * 9 + 4] = 6;
    contribution[4 * 9 + 6] = 3;
    contribution[0] = 1;
    ReceptiveField field = new ReceptiveField(9, 9, contribution);
    assertThat(field.side(0.5)).isCloseTo(1 / 9.0, within(1e-12));
    assertThat(field.side(0.9)).isCloseTo(5 / 9.0, within(1e-12));
    assertThat(field.side(1)).isEqualTo(1);
  }

  @Test
  void mixersSplitTheFrequencies() {
    Subject subject = Subject.untrained(Models.byName("tinyvim_s"), 1);
    List<LaplaceBranches> mixers = LaplaceBranches.of(subject, noise(2));
    assertThat(mixers).extracting(LaplaceBranches::stage).containsExactly(1, 2, 3, 3, 4);
    for (LaplaceBranches mixer : mixers.subList(0, 2)) {
      int top = mixer.convolved().relative().length - 1;
      assertThat(mixer.entering().height()).isEqualTo(SIDE / (2 << mixer.stage()));
      // what has been pooled carries none of the highest frequencies
      assertThat(mixer.entering().relative()[top])
          .isLessThan(mixer.convolved().relative()[top] - 1);
    }
    Assertions.assertThatThrownBy(
            () ->
                LaplaceBranches.of(
                    Subject.untrained(Models.byName("efficientvim_m1"), 1), noise(1)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("efficientvim_m1");
  }

  private static Pictures swapped(Pictures both) {
    float[] values = both.values().clone();
    int half = values.length / 2;
    System.arraycopy(both.values(), half, values, 0, half);
    System.arraycopy(both.values(), 0, values, half, half);
    return new Pictures(2, SIDE, SIDE, values);
  }

  private static Pictures noise(int count) {
    float[] values = new float[count * 3 * SIDE * SIDE];
    SplitMix random = new SplitMix(9);
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.round(256 * (2 * random.nextDouble() - 1)) / 256f;
    }
    return new Pictures(count, SIDE, SIDE, values);
  }
}
