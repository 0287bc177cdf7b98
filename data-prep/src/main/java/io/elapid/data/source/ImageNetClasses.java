package io.elapid.data.source;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The classes of ImageNet-1k, for weights that carry no names of their own. */
public final class ImageNetClasses {
  /** How many there are. */
  public static final int COUNT = 1000;

  private static final String TABLE = "imagenet-1k.tsv";

  private ImageNetClasses() {}

  /** All of them in the order of the outputs of every published network. */
  public static List<ClassLabel> labels() {
    List<ClassLabel> labels = new ArrayList<>();
    try (InputStream in = ImageNetClasses.class.getResourceAsStream(TABLE);
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        int tab = line.indexOf('\t');
        if (tab > 0) {
          labels.add(
              new ClassLabel(labels.size(), line.substring(0, tab), line.substring(tab + 1)));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return List.copyOf(labels);
  }
}
