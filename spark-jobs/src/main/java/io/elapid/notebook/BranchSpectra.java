package io.elapid.notebook;

import io.elapid.analysis.LaplaceBranches;
import io.elapid.analysis.Pictures;
import io.elapid.analysis.Spectrum;
import io.elapid.analysis.Subject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The frequencies in the branches of TinyViM's mixers, the last mixer of every stage. */
public final class BranchSpectra {
  private static final String LOW_IN = "low, before the scan";
  private static final String LOW_OUT = "low, after the scan";
  private static final String HIGH = "high, convolved";
  private static final HeatMap.Ticks TICKS = new HeatMap.Ticks("-\u03c0", "0", "\u03c0");

  private final List<LaplaceBranches> mixers;

  private BranchSpectra(List<LaplaceBranches> mixers) {
    this.mixers = mixers;
  }

  static BranchSpectra of(Subject network, Pictures pictures) {
    Map<Integer, LaplaceBranches> last = new LinkedHashMap<>();
    LaplaceBranches.of(network, pictures).forEach(mixer -> last.put(mixer.stage(), mixer));
    return new BranchSpectra(List.copyOf(last.values()));
  }

  private static Map<String, Spectrum> branches(LaplaceBranches mixer) {
    Map<String, Spectrum> branches = new LinkedHashMap<>();
    branches.put(LOW_IN, mixer.entering());
    branches.put(LOW_OUT, mixer.scanned());
    branches.put(HIGH, mixer.convolved());
    return branches;
  }

  /** Log amplitude over both frequencies, relative to frequency zero; one row per stage. */
  public Display heatMaps() {
    double low = 0;
    for (LaplaceBranches mixer : mixers) {
      for (Spectrum spectrum : branches(mixer).values()) {
        for (double value : relative(spectrum)) {
          low = Math.min(low, value);
        }
      }
    }
    StringBuilder html = new StringBuilder();
    for (LaplaceBranches mixer : mixers) {
      html.append("<div style=\"display:flex;flex-wrap:wrap\">");
      for (Map.Entry<String, Spectrum> branch : branches(mixer).entrySet()) {
        Spectrum spectrum = branch.getValue();
        html.append(
            new HeatMap(
                    "stage %d: %s".formatted(mixer.stage(), branch.getKey()),
                    spectrum.height(),
                    spectrum.width(),
                    relative(spectrum),
                    low,
                    0,
                    TICKS,
                    "frequency, radians per pixel",
                    "\u0394 log amplitude")
                .svg());
      }
      html.append("</div>");
    }
    return Display.html(html.toString());
  }

  private static double[] relative(Spectrum spectrum) {
    double zero = spectrum.at(0, 0);
    double[] relative = spectrum.logAmplitude().clone();
    for (int i = 0; i < relative.length; i++) {
      relative[i] -= zero;
    }
    return relative;
  }

  /** Relative log amplitude along the diagonal; one chart per stage. */
  public Display curves() {
    StringBuilder html = new StringBuilder("<div style=\"display:flex;flex-wrap:wrap\">");
    for (LaplaceBranches mixer : mixers) {
      Plot plot =
          new Plot(
              "Stage %d, maps of %d x %d"
                  .formatted(mixer.stage(), mixer.mixed().width(), mixer.mixed().height()),
              "frequency along the diagonal, share of \u03c0",
              "\u0394 log amplitude");
      branches(mixer)
          .forEach(
              (name, spectrum) -> plot.curve(name, frequencies(spectrum), spectrum.relative()));
      html.append(plot.svg());
    }
    return Display.html(html.append("</div>").toString());
  }

  private static double[] frequencies(Spectrum spectrum) {
    return IntStream.range(0, spectrum.relative().length)
        .mapToDouble(spectrum::frequency)
        .toArray();
  }

  /** The same in rows of {@code stage}, {@code branch}, {@code frequency}, {@code amplitude}. */
  public Display table() {
    List<List<Object>> rows = new ArrayList<>();
    for (LaplaceBranches mixer : mixers) {
      branches(mixer)
          .forEach(
              (name, spectrum) -> {
                double[] relative = spectrum.relative();
                for (int k = 0; k < relative.length; k++) {
                  rows.add(List.of(mixer.stage(), name, spectrum.frequency(k), relative[k]));
                }
              });
    }
    return Display.table(List.of("stage", "branch", "frequency", "amplitude"), rows);
  }

  /** Stages that have a mixer, from 1. */
  public List<Integer> stages() {
    return mixers.stream().map(LaplaceBranches::stage).toList();
  }

  /** Relative log amplitude of the low branch before the scan at the highest frequency. */
  public double lowAtTheTop(int stage) {
    return top(mixer(stage).entering());
  }

  /** Relative log amplitude of the high branch at the highest frequency. */
  public double highAtTheTop(int stage) {
    return top(mixer(stage).convolved());
  }

  private LaplaceBranches mixer(int stage) {
    return mixers.stream()
        .filter(mixer -> mixer.stage() == stage)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no stage " + stage));
  }

  private static double top(Spectrum spectrum) {
    double[] relative = spectrum.relative();
    return relative[relative.length - 1];
  }
}
