package io.elapid.data.source;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;
import java.util.Set;

/** Which names count, and in which order. */
final class FileNames {
  /**
   * By the bytes of the name: class order and sample order must not depend on a machine's locale or
   * on the order in which a file system lists.
   */
  static final Comparator<String> BYTEWISE =
      (a, b) ->
          Arrays.compareUnsigned(
              a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));

  private static final Set<String> EXTENSIONS = Set.of("jpeg", "jpg", "png");

  private FileNames() {}

  /** Whether a name is a picture's; hidden files and macOS's {@code ._x.JPEG} are not. */
  static boolean isPicture(String name) {
    int dot = name.lastIndexOf('.');
    return !isHidden(name)
        && dot > 0
        && EXTENSIONS.contains(name.substring(dot + 1).toLowerCase(Locale.ROOT));
  }

  static boolean isHidden(String name) {
    return name.startsWith(".") || name.equals("__MACOSX");
  }

  /** Without folders in front. */
  static String base(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /** Without folders in front and extension behind. */
  static String stem(String path) {
    String base = base(path);
    int dot = base.lastIndexOf('.');
    return dot > 0 ? base.substring(0, dot) : base;
  }
}
