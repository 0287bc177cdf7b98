package io.elapid.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.elapid.data.SplitMix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Spectra against the definition of the transform, written out. */
final class SpectrumTest {
  @ParameterizedTest
  @CsvSource({"8, 8", "7, 7", "6, 9", "1, 4"})
  void isTheMeanLogAmplitudeOfTheTransformOfEveryMap(int height, int width) {
    Maps maps = noise(2, 3, height, width);
    Spectrum spectrum = Spectrum.of(maps);
    for (int v = 0; v < height; v++) {
      for (int u = 0; u < width; u++) {
        double expected = 0;
        for (int p = 0; p < maps.planes(); p++) {
          expected += Math.log(amplitude(maps, p, v, u) + 1e-6) / maps.planes();
        }
        int down = v < (height + 1) / 2 ? v : v - height;
        int right = u < (width + 1) / 2 ? u : u - width;
        assertThat(spectrum.at(down, right)).isCloseTo(expected, within(1e-9));
      }
    }
  }

  /** Four nested loops, none of which the transform of rows and columns has. */
  private static double amplitude(Maps maps, int plane, int v, int u) {
    double real = 0;
    double imaginary = 0;
    for (int y = 0; y < maps.height(); y++) {
      for (int x = 0; x < maps.width(); x++) {
        double angle =
            2 * Math.PI * ((double) v * y / maps.height() + (double) u * x / maps.width());
        double value = maps.values()[(plane * maps.height() + y) * maps.width() + x];
        real += value * Math.cos(angle);
        imaginary -= value * Math.sin(angle);
      }
    }
    return Math.sqrt(real * real + imaginary * imaginary);
  }

  @Test
  void aWaveAlongTheDiagonalStandsOutAtItsFrequency() {
    int side = 16;
    float[] values = new float[side * side];
    for (int y = 0; y < side; y++) {
      for (int x = 0; x < side; x++) {
        values[y * side + x] = (float) (1 + Math.cos(2 * Math.PI * 3 * (x + y) / side));
      }
    }
    Spectrum spectrum = Spectrum.of(new Maps(1, 1, side, side, values));
    double[] relative = spectrum.relative();
    assertThat(relative).hasSize(8);
    assertThat(relative[0]).isZero();
    // half of the wave's amplitude lies at its frequency, half at the opposite one
    assertThat(relative[3]).isCloseTo(Math.log(0.5), within(1e-5));
    assertThat(relative[2]).isLessThan(-10);
    assertThat(spectrum.frequency(3)).isEqualTo(0.375);
  }

  @Test
  void theDiagonalOfOblongMapsIsRefused() {
    assertThatThrownBy(() -> Spectrum.of(noise(1, 1, 4, 6)).relative())
        .hasMessageContaining("4 x 6");
  }

  @Test
  void enlargingLeavesConstantMapsAsTheyAreAndLosesHighFrequencies() {
    Maps low = noise(1, 2, 7, 7);
    Maps large = low.enlarged(8);
    assertThat(large.height()).isEqualTo(56);
    Spectrum spectrum = Spectrum.of(large);
    assertThat(spectrum.at(20, 20)).isLessThan(spectrum.at(2, 2) - 4);
    float[] ones = new float[] {5, 5, 5, 5};
    assertThat(new Maps(1, 1, 2, 2, ones).enlarged(3).values()).hasSize(36).containsOnly(5);
  }

  private static Maps noise(int batch, int channels, int height, int width) {
    float[] values = new float[batch * channels * height * width];
    SplitMix random = new SplitMix(3);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextDouble() - 0.3);
    }
    return new Maps(batch, channels, height, width, values);
  }
}
