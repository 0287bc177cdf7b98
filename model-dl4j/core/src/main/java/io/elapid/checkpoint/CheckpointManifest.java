package io.elapid.checkpoint;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.elapid.data.InputException;
import io.elapid.data.source.ClassLabel;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The file that makes a folder a checkpoint: it comes last and vouches for every other file. */
record CheckpointManifest(
    String format,
    int version,
    String model,
    int classes,
    int imageSize,
    long step,
    long epoch,
    Map<String, Double> metrics,
    List<Entry> files,
    Map<String, String> provenance,
    List<ClassLabel> classLabels) {
  private static final String FORMAT = "elapid-checkpoint";
  private static final int VERSION = 1;
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .defaultSetterInfo(JsonSetter.Value.forContentNulls(Nulls.FAIL))
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /** One file beside the manifest. */
  record Entry(String name, long bytes, String sha256) {}

  static CheckpointManifest of(CheckpointMeta meta, List<Entry> files) {
    return new CheckpointManifest(
        FORMAT,
        VERSION,
        meta.model(),
        meta.classes(),
        meta.imageSize(),
        meta.step(),
        meta.epoch(),
        meta.metrics(),
        files,
        meta.provenance(),
        meta.classLabels());
  }

  CheckpointMeta meta(String recipe) {
    return new CheckpointMeta(
        model, classes, imageSize, step, epoch, classLabels, provenance, recipe, metrics);
  }

  Optional<Entry> file(String name) {
    return files.stream().filter(entry -> entry.name().equals(name)).findFirst();
  }

  byte[] encode() throws IOException {
    return JSON.writeValueAsBytes(this);
  }

  /** Reads a manifest; {@code source} is the path that messages name. */
  static CheckpointManifest decode(String source, byte[] json) throws IOException {
    CheckpointManifest manifest;
    try {
      manifest = JSON.readValue(json, CheckpointManifest.class);
    } catch (JacksonException e) {
      throw new InputException(
          "%s is not a checkpoint manifest: %s".formatted(source, e.getOriginalMessage()),
          "Name another checkpoint; this one is damaged.",
          e);
    }
    if (manifest == null || !FORMAT.equals(manifest.format()) || manifest.version() != VERSION) {
      throw new InputException(
          "%s is not a checkpoint manifest of version %d".formatted(source, VERSION),
          "Use the version of Elapid that wrote it, or name another checkpoint.");
    }
    return manifest;
  }
}
