package io.elapid.task.evaluation;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.elapid.data.InputException;
import io.elapid.data.LocalFiles;
import io.elapid.data.shard.AtomicFile;
import io.elapid.data.target.RunLengthText;
import io.elapid.data.target.Segmentation.RunLength;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Writes detections as COCO's evaluation server takes them: one list, an entry a line, with the
 * data set's own ids, in the order of the pictures' ids whatever the order of adding.
 *
 * <p>Entries are held as text until they are written, some 150 bytes for a box. Every rank writes a
 * file for its share; {@link #join} makes one of them.
 */
public final class CocoResultsWriter {
  private static final JsonFactory JSON = new JsonFactory();
  private static final String ID_FIELD = "{\"image_id\":";

  private final IouType form;
  private final List<Integer> categoryIds;
  private final SortedMap<Long, String> pictures = new TreeMap<>();

  /**
   * Nothing to write yet.
   *
   * @param form boxes, or masks without boxes (with a box, the official tool would take its area
   *     for the object's)
   * @param categoryIds the data set's own id of each class
   */
  public CocoResultsWriter(IouType form, List<Integer> categoryIds) {
    this.form = form;
    this.categoryIds = List.copyOf(categoryIds);
  }

  /** Adds all that was found in a picture; nothing is also a result. */
  public void add(long imageId, List<Detection> found) {
    StringWriter lines = new StringWriter();
    try {
      for (Detection detection : found) {
        // A generator each: what separates the entries is not its business.
        try (JsonGenerator json = JSON.createGenerator(lines)) {
          entry(json, imageId, detection);
        }
        lines.write('\n');
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (pictures.putIfAbsent(imageId, lines.toString()) != null) {
      throw new IllegalArgumentException("picture " + imageId + " was added twice");
    }
  }

  private void entry(JsonGenerator json, long imageId, Detection detection) throws IOException {
    json.writeStartObject();
    json.writeNumberField("image_id", imageId);
    json.writeNumberField("category_id", categoryIds.get(detection.label()));
    if (form == IouType.BBOX) {
      double[] box = {detection.x(), detection.y(), detection.width(), detection.height()};
      json.writeFieldName("bbox");
      json.writeArray(box, 0, box.length);
    } else {
      RunLength mask =
          detection
              .mask()
              .orElseThrow(() -> new IllegalArgumentException("a detection without a mask"));
      json.writeObjectFieldStart("segmentation");
      json.writeFieldName("size");
      json.writeArray(new int[] {mask.height(), mask.width()}, 0, 2);
      json.writeStringField("counts", RunLengthText.encode(mask.counts()));
      json.writeEndObject();
    }
    json.writeNumberField("score", detection.score());
    json.writeEndObject();
  }

  /** Writes the file, which appears under its name when it is complete. */
  public void write(Configuration conf, Path file) throws IOException {
    write(
        conf,
        file,
        out -> {
          for (String lines : pictures.values()) {
            for (String line : lines.lines().toList()) {
              out.add(line);
            }
          }
        });
  }

  /**
   * Makes one file of those that ranks wrote: the same, byte for byte, as if one had found all.
   *
   * @param parts written by {@link #write}, of different pictures
   */
  public static void join(Configuration conf, List<Path> parts, Path file) throws IOException {
    write(conf, file, out -> merge(conf, parts, out));
  }

  private static void merge(Configuration conf, List<Path> parts, Entries out) throws IOException {
    List<Part> open = new ArrayList<>();
    try {
      PriorityQueue<Part> next =
          new PriorityQueue<>(Comparator.comparingLong(part -> part.imageId));
      for (Path path : parts) {
        Part part = new Part(conf, path);
        open.add(part);
        if (part.advance()) {
          next.add(part);
        }
      }
      while (!next.isEmpty()) {
        Part part = next.remove();
        out.add(part.line);
        if (part.advance()) {
          next.add(part);
        }
      }
    } finally {
      for (Part part : open) {
        part.close();
      }
    }
  }

  private interface Content {
    void writeTo(Entries out) throws IOException;
  }

  private static void write(Configuration conf, Path file, Content content) throws IOException {
    AtomicFile.write(
        conf,
        file,
        temporary -> {
          try (Writer out =
              new BufferedWriter(
                  new OutputStreamWriter(
                      LocalFiles.create(conf, temporary), StandardCharsets.UTF_8))) {
            Entries entries = new Entries(out);
            content.writeTo(entries);
            out.write(entries.count == 0 ? "[]\n" : "\n]\n");
          }
        });
  }

  /** The entries of a file that is being written. */
  private static final class Entries {
    private final Writer out;
    private long count;

    Entries(Writer out) {
      this.out = out;
    }

    void add(String entry) throws IOException {
      out.write(count++ == 0 ? "[\n" : ",\n");
      out.write(entry);
    }
  }

  /** The entries of a file that a rank wrote. */
  private static final class Part implements Closeable {
    private final Path path;
    private final BufferedReader in;
    private String line;
    private long imageId = Long.MIN_VALUE;

    Part(Configuration conf, Path path) throws IOException {
      this.path = path;
      this.in =
          new BufferedReader(
              new InputStreamReader(path.getFileSystem(conf).open(path), StandardCharsets.UTF_8));
    }

    boolean advance() throws IOException {
      do {
        line = in.readLine();
        if (line == null) {
          throw foreign("is cut short");
        }
      } while (line.equals("["));
      if (line.equals("]") || line.equals("[]")) {
        return false;
      }
      line = line.endsWith(",") ? line.substring(0, line.length() - 1) : line;
      long before = imageId;
      imageId = id();
      if (imageId < before) {
        throw foreign("is not in the order of its pictures");
      }
      return true;
    }

    private long id() {
      int end = line.indexOf(',');
      if (!line.startsWith(ID_FIELD) || end < 0) {
        throw foreign("has the line " + line);
      }
      try {
        return Long.parseLong(line.substring(ID_FIELD.length(), end));
      } catch (NumberFormatException e) {
        throw foreign("has the line " + line);
      }
    }

    private InputException foreign(String what) {
      return new InputException(path + " " + what, "write the results of all ranks anew");
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
