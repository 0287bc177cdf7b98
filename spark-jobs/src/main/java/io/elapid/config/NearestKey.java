package io.elapid.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Finds the key that was probably meant. */
final class NearestKey {
  /** Differences per character from which on two keys have nothing to do with each other. */
  private static final double FAR = 0.45;

  private record Scored(String key, double distance) {}

  private NearestKey() {}

  static Optional<String> of(String unknown, Collection<String> known) {
    return known.stream()
        .map(key -> new Scored(key, distance(unknown, key)))
        .filter(scored -> scored.distance() < FAR)
        .min(Comparator.comparingDouble(Scored::distance))
        .map(Scored::key);
  }

  /** ", did you mean X?", or nothing where no key is near. */
  static String hint(String unknown, Collection<String> known) {
    return of(unknown, known).map(key -> ", did you mean " + key + "?").orElse("");
  }

  /**
   * The smallest of: whole paths compared, paths without separators compared, last components
   * compared (slightly worse, since the section differs), words left out, abbreviations by
   * initials.
   */
  private static double distance(String unknown, String key) {
    String written = Keys.kebab(unknown).replace('_', '-');
    double whole = relative(written, key);
    double joined = relative(letters(written), letters(key));
    double last = 0.1 + relative(last(written), last(key));
    double initials = initials(last(key)).equals(last(written)) ? 0.12 : 1;
    double pathInitials = initials(key).equals(letters(written)) ? 0.11 : 1;
    double words = words(key).containsAll(words(written)) ? 0.05 : 1;
    return Stream.of(whole, joined, last, initials, pathInitials, words)
        .min(Comparator.naturalOrder())
        .orElseThrow();
  }

  private static List<String> words(String path) {
    return List.of(path.split("[.-]"));
  }

  private static String letters(String path) {
    return path.replaceAll("[.-]", "").toLowerCase(Locale.ROOT);
  }

  private static String last(String path) {
    return path.substring(path.lastIndexOf('.') + 1);
  }

  private static String initials(String path) {
    String[] words = path.split("[.-]");
    return words.length < 2
        ? path
        : Stream.of(words).map(word -> word.substring(0, 1)).collect(Collectors.joining());
  }

  private static double relative(String a, String b) {
    return edits(a, b) / (double) Math.max(1, Math.max(a.length(), b.length()));
  }

  /** Levenshtein distance. */
  private static int edits(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
