package io.elapid.analysis;

import io.elapid.data.InputException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * What passes through one Laplace mixer of TinyViM (Ma et al., "TinyViM: Frequency Decoupling for
 * Tiny Hybrid Vision Mamba", ICCV 2025): part of the channels is pooled and passes through the
 * state space, the others are convolved. All spectra are at the size of the mixer's maps: what is
 * smaller is enlarged as the mixer does.
 *
 * @param stage from 1
 * @param block of the stage, from 0
 * @param entering low frequencies on their way into the state space
 * @param scanned what the state space makes of them
 * @param convolved the other channels behind their convolution
 * @param mixed all channels behind the mixer
 */
public record LaplaceBranches(
    int stage, int block, Spectrum entering, Spectrum scanned, Spectrum convolved, Spectrum mixed) {
  private static final Pattern MIXER = Pattern.compile("network\\.(\\d+)\\.(\\d+)\\.op");

  /**
   * Of every mixer, in the order of execution.
   *
   * @throws InputException if the network has none
   */
  public static List<LaplaceBranches> of(Subject subject, Pictures pictures) {
    try (Forward forward = Forward.of(subject, DataType.FLOAT, pictures, pictures.count())) {
      List<Matcher> mixers =
          forward.taps().stream().map(MIXER::matcher).filter(Matcher::matches).toList();
      if (mixers.isEmpty()) {
        throw new InputException(
            subject.network().name() + " has no Laplace mixers",
            "choose a network of the family TinyViM");
      }
      Set<String> taps = new LinkedHashSet<>();
      for (Matcher mixer : mixers) {
        taps.add(mixer.group());
        taps.add(mixer.group() + ".low");
        taps.add(mixer.group() + ".out_norm");
        taps.add(mixer.group() + ".local_conv");
      }
      Map<String, Maps> maps = forward.record(pictures, taps);
      List<LaplaceBranches> branches = new ArrayList<>();
      mixers.forEach(mixer -> branches.add(of(mixer, maps)));
      return branches;
    }
  }

  private static LaplaceBranches of(Matcher mixer, Map<String, Maps> maps) {
    String name = mixer.group();
    Maps mixed = maps.get(name);
    Maps entering = maps.get(name + ".low");
    Maps scanned = maps.get(name + ".out_norm");
    return new LaplaceBranches(
        Integer.parseInt(mixer.group(1)) / 2 + 1,
        Integer.parseInt(mixer.group(2)),
        Spectrum.of(entering.enlarged(mixed.height() / entering.height())),
        Spectrum.of(scanned.enlarged(mixed.height() / scanned.height())),
        Spectrum.of(maps.get(name + ".local_conv")),
        Spectrum.of(mixed));
  }
}
