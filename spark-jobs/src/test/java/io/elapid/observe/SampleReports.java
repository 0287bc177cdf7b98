package io.elapid.observe;

import io.elapid.task.classification.ConfusionMatrix;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;

/** Reports as runs leave them, made from a seed. */
final class SampleReports {
  static final String HOSTILE = "<script>alert('x')</script> & \"co\"";

  private SampleReports() {}

  static Report of(int classes, int steps) {
    Random random = new Random(11);
    List<StepPoint> training = new ArrayList<>();
    List<EpochPoint> epochs = new ArrayList<>();
    for (int i = 1; i <= steps; i++) {
      double done = (double) i / steps;
      training.add(
          new StepPoint(
              i * 10L,
              0.6 + 1.9 * Math.exp(-4 * done) + 0.15 * random.nextGaussian() * (1.2 - done),
              2e-3 * 0.5 * (1 + Math.cos(Math.PI * done)) + 1e-5,
              420 + 20 * random.nextGaussian()));
      if (i % Math.max(1, steps / 12) == 0) {
        double top1 = 0.1 + 0.85 * (1 - Math.exp(-4 * done));
        epochs.add(
            new EpochPoint(
                epochs.size() + 1, i * 10L, 2.4 - 2.1 * top1, top1, Math.min(1, top1 + .3)));
      }
    }
    Attempt attempt = new Attempt(2, 0, 100, steps * 10L, 64, Map.of());
    RunHistory history =
        new RunHistory(
            training,
            epochs,
            List.of(
                attempt.withSpent(Map.of(Attempt.Activity.COMPUTE, Duration.ofSeconds(30))),
                attempt.withSpent(spent())));
    return new Report(
        "efficientvim_m1 on " + HOSTILE,
        "finished 2026-01-02T03:04:05Z",
        history,
        classes == 0 ? Optional.empty() : Optional.of(confusion(classes, random)),
        classes == 0 ? List.of() : pictures(classes, random),
        Report.RunFacts.of(
            history,
            Duration.ofSeconds(312),
            Map.of("sent per rank", "1.2 GiB", "parameters", "6,679,458")),
        List.of(
            new OperationTime("elapid_conv2d", 62, 81.25, 0.52),
            new OperationTime(HOSTILE, 4, 3.5, 0.02)),
        "name = quickstart # " + HOSTILE + "\nbatch { size = 64 }\n",
        provenance());
  }

  private static Map<Attempt.Activity, Duration> spent() {
    return Map.of(
        Attempt.Activity.COMPUTE, Duration.ofSeconds(190),
        Attempt.Activity.SYNC, Duration.ofSeconds(21),
        Attempt.Activity.DATA, Duration.ofSeconds(9),
        Attempt.Activity.UPDATE, Duration.ofSeconds(11),
        Attempt.Activity.EVALUATE, Duration.ofSeconds(24),
        Attempt.Activity.CHECKPOINT, Duration.ofSeconds(4));
  }

  static List<String> names(int classes) {
    List<String> known =
        List.of(
            "disc",
            "ring",
            "square",
            "triangle",
            "five-pointed star",
            "cross",
            "crescent",
            "heart",
            "hexagon",
            HOSTILE);
    return IntStream.range(0, classes)
        .mapToObj(i -> i < known.size() ? known.get(i) : "class number " + i)
        .toList();
  }

  private static Report.Confusion confusion(int classes, Random random) {
    long[] counts = new long[classes * classes];
    for (int t = 0; t < classes; t++) {
      for (int n = 0; n < 50; n++) {
        int p = random.nextInt(12) > 0 ? t : random.nextInt(classes);
        counts[t * classes + p]++;
      }
    }
    return new Report.Confusion(names(classes), ConfusionMatrix.of(classes, counts));
  }

  private static List<Report.Picture> pictures(int classes, Random random) {
    List<String> names = names(classes);
    List<Report.Picture> pictures = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      String truth = names.get(i % classes);
      String answer = i % 5 == 3 ? names.get((i + 1) % classes) : truth;
      Optional<String> known = i == 15 ? Optional.empty() : Optional.of(truth);
      pictures.add(new Report.Picture(picture(i), known, answer, 0.4 + 0.6 * random.nextDouble()));
    }
    return pictures;
  }

  private static Thumbnail picture(int index) {
    int side = 160;
    byte[] rgb = new byte[side * side * 3];
    for (int i = 0; i < rgb.length; i += 3) {
      int x = i / 3 % side;
      int y = i / 3 / side;
      boolean inside = Math.hypot(x - 80, y - 80) < 20 + 3 * index;
      rgb[i] = (byte) (inside ? 40 * index : x);
      rgb[i + 1] = (byte) (inside ? 255 - 13 * index : y);
      rgb[i + 2] = (byte) (inside ? 90 : 160);
    }
    return Thumbnail.of(side, side, rgb, 112);
  }

  private static Map<String, String> provenance() {
    Map<String, String> provenance = new LinkedHashMap<>();
    provenance.put("time", "2026-01-02T03:04:05Z");
    provenance.put("code", "elapid 0.1.0");
    provenance.put("data", "sha256 " + "0123456789abcdef".repeat(4));
    provenance.put("spark", HOSTILE);
    return provenance;
  }
}
