package io.elapid.observe;

import java.time.Duration;

/** Spans of time as people write them: 45 s, 3 min 12 s, 2 h 05 min. */
final class Durations {
  private Durations() {}

  static String text(Duration duration) {
    long seconds = Math.max(0, duration.toSeconds());
    if (seconds < 60) {
      return seconds + " s";
    }
    if (seconds < 3600) {
      return "%d min %02d s".formatted(seconds / 60, seconds % 60);
    }
    if (seconds < 48 * 3600) {
      return "%d h %02d min".formatted(seconds / 3600, seconds % 3600 / 60);
    }
    return "%d d %02d h".formatted(seconds / 86400, seconds % 86400 / 3600);
  }
}
