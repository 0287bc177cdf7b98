package io.elapid.data.shard;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.elapid.data.InputException;
import io.elapid.data.LocalFiles;
import io.elapid.data.source.ClassLabel;
import io.elapid.data.target.TargetKind;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * What a prepared data set consists of. Written last: a folder that has it, and {@code _SUCCESS},
 * is complete.
 *
 * @param schemaVersion of this file and of the shards' columns
 * @param dataset the source's name, for example "imagenet"
 * @param kind what its samples are annotated with
 * @param classes in index order
 * @param splits split name to its shards in order
 * @param quarantined files that were left out
 * @param remarks oddities of samples that are in it, or left out of them
 * @param mean of red, green and blue on the scale 0..1, to normalise with
 * @param std standard deviations on the same scale
 * @param createdBy provenance: code version, source path, seed and so on
 */
public record Manifest(
    int schemaVersion,
    String dataset,
    TargetKind kind,
    List<ClassLabel> classes,
    Map<String, List<ShardSummary>> splits,
    long quarantined,
    long remarks,
    List<Double> mean,
    List<Double> std,
    Map<String, String> createdBy) {

  public static final int SCHEMA_VERSION = 1;
  public static final String FILE_NAME = "manifest.json";
  public static final String SUCCESS = "_SUCCESS";
  public static final String QUARANTINE_FILE = "quarantine/part-00000.parquet";
  public static final String REMARKS_FILE = "remarks/part-00000.parquet";

  private static final String PREPARE_AGAIN = "prepare the data set again into an empty folder";

  public Manifest {
    classes = List.copyOf(classes);
    Map<String, List<ShardSummary>> copy = new LinkedHashMap<>();
    new TreeMap<>(splits).forEach((name, shards) -> copy.put(name, List.copyOf(shards)));
    splits = Collections.unmodifiableMap(copy);
    mean = List.copyOf(mean);
    std = List.copyOf(std);
    createdBy = Collections.unmodifiableMap(new TreeMap<>(createdBy));
  }

  /** Samples of a split. */
  public long rows(String split) {
    return shards(split).stream().mapToLong(ShardSummary::rows).sum();
  }

  /**
   * The shards of a split.
   *
   * @throws InputException if there is no such split
   */
  public List<ShardSummary> shards(String split) {
    List<ShardSummary> shards = splits.get(split);
    if (shards == null) {
      throw new InputException(
          "the data set has no split \"" + split + "\" but " + splits.keySet(),
          "name one of these splits");
    }
    return shards;
  }

  /** Whether {@code root} holds a finished data set. */
  public static boolean exists(Configuration conf, Path root) throws IOException {
    FileSystem fs = root.getFileSystem(conf);
    return fs.exists(new Path(root, FILE_NAME)) && fs.exists(new Path(root, SUCCESS));
  }

  /** Declares a data set finished: the manifest, whole or not at all, and then {@code _SUCCESS}. */
  public void write(Configuration conf, Path root) throws IOException {
    FileSystem fs = root.getFileSystem(conf);
    fs.delete(new Path(root, SUCCESS), false);
    byte[] json = ManifestJson.write(this).getBytes(StandardCharsets.UTF_8);
    AtomicFile.write(
        conf,
        new Path(root, FILE_NAME),
        temporary -> {
          try (OutputStream out = LocalFiles.create(conf, temporary)) {
            out.write(json);
          }
        });
    LocalFiles.create(conf, new Path(root, SUCCESS)).close();
  }

  /**
   * Reads the manifest of a finished data set.
   *
   * @throws InputException if the folder is missing, was never finished, or has a manifest that is
   *     damaged or of another version
   */
  public static Manifest read(Configuration conf, Path root) throws IOException {
    FileSystem fs = root.getFileSystem(conf);
    Path file = new Path(root, FILE_NAME);
    if (!fs.exists(root)) {
      throw new InputException(
          "there is no data set at " + root, "check the path, or prepare a data set there");
    }
    if (!exists(conf, root)) {
      throw new InputException(
          root + " is not a finished data set: it lacks " + FILE_NAME + " or " + SUCCESS,
          PREPARE_AGAIN);
    }
    try (InputStream in = fs.open(file)) {
      return ManifestJson.read(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (FileNotFoundException e) {
      throw new InputException("cannot open " + file + ": " + e.getMessage(), PREPARE_AGAIN, e);
    } catch (JsonProcessingException | IllegalArgumentException e) {
      String reason =
          e instanceof JsonProcessingException j ? j.getOriginalMessage() : e.getMessage();
      throw new InputException(file + " is damaged: " + reason, PREPARE_AGAIN, e);
    }
  }
}
