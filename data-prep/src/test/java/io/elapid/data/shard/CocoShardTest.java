package io.elapid.data.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.elapid.data.InputException;
import io.elapid.data.Samples;
import io.elapid.data.image.Image;
import io.elapid.data.image.ImageCodec;
import io.elapid.data.image.Orientation;
import io.elapid.data.source.ClassLabel;
import io.elapid.data.source.CocoSource;
import io.elapid.data.source.DataSource;
import io.elapid.data.source.Listing;
import io.elapid.data.target.MaskRaster;
import io.elapid.data.target.ObjectAnnotation;
import io.elapid.data.target.ObjectAnnotation.Extent;
import io.elapid.data.target.ObjectTarget;
import io.elapid.data.target.Segmentation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CocoShardTest {
  private static final Path ROOT = Path.of("src/test/resources/coco");
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path temp;

  @Test
  void classesAreTheSortedCategories() throws Exception {
    DataSource source = open(ROOT);
    Map<String, Integer> labels = new HashMap<>();
    for (ClassLabel label : source.classes()) {
      labels.put(label.id(), label.index());
    }
    Map<String, Integer> expected = new HashMap<>();
    expected()
        .get("category_id_to_label")
        .properties()
        .forEach(e -> expected.put(e.getKey(), e.getValue().asInt()));
    assertThat(labels).isEqualTo(expected);
    assertThat(source.classes().get(2).name()).isEqualTo("triangle");
  }

  @Test
  void keepsEveryPictureAndAnnotationOfTheFile() throws Exception {
    for (String split : List.of("train", "val")) {
      JsonNode told = JSON.readTree(annotationFile(ROOT, split).toFile());
      Map<Long, List<JsonNode>> annotations = new HashMap<>();
      for (JsonNode a : told.get("annotations")) {
        annotations.computeIfAbsent(a.get("image_id").asLong(), i -> new ArrayList<>()).add(a);
      }
      Map<Long, Sample> samples = samples(ROOT, split);
      assertThat(samples).hasSize(told.get("images").size());
      for (JsonNode image : told.get("images")) {
        Sample sample = samples.get(image.get("id").asLong());
        assertThat(sample.image())
            .isEqualTo(
                Files.readAllBytes(
                    ROOT.resolve(split + "2017").resolve(image.get("file_name").asText())));
        assertThat(sample.width()).isEqualTo(image.get("width").asInt());
        assertThat(sample.height()).isEqualTo(image.get("height").asInt());
        List<JsonNode> of = annotations.getOrDefault(image.get("id").asLong(), List.of());
        List<ObjectAnnotation> read = target(sample).annotations();
        assertThat(read).hasSameSizeAs(of);
        for (int i = 0; i < of.size(); i++) {
          assertSame(read.get(i), of.get(i));
        }
      }
    }
  }

  private static void assertSame(ObjectAnnotation read, JsonNode told) {
    assertThat(read.id()).isEqualTo(told.get("id").asLong());
    assertThat(read.categoryId()).isEqualTo(told.get("category_id").asInt());
    assertThat(new double[] {read.x(), read.y(), read.width(), read.height()})
        .isEqualTo(JSON.convertValue(told.get("bbox"), double[].class));
    assertThat(read.area()).isEqualTo(told.get("area").asDouble());
    assertThat(read.crowd() == Extent.CROWD).isEqualTo(told.get("iscrowd").asInt() == 1);
    JsonNode segmentation = told.get("segmentation");
    if (read.segmentation() instanceof Segmentation.Polygons polygons) {
      assertThat(polygons.rings().toArray(double[][]::new))
          .isEqualTo(JSON.convertValue(segmentation, double[][].class));
    } else if (read.segmentation() instanceof Segmentation.RunLength runs) {
      assertThat(runs.height()).isEqualTo(segmentation.get("size").get(0).asInt());
      assertThat(runs.area()).isPositive();
      if (segmentation.get("counts").isArray()) {
        assertThat(runs.counts())
            .isEqualTo(JSON.convertValue(segmentation.get("counts"), int[].class));
      }
    } else {
      for (JsonNode polygon : segmentation) {
        assertThat(polygon.size() < 6 || polygon.size() % 2 == 1).isTrue();
      }
    }
  }

  @Test
  void tellsWhatDetectorsTrainOn() throws Exception {
    for (String split : List.of("train", "val")) {
      JsonNode told = expected().get(split);
      List<Long> kept = new ArrayList<>();
      int usable = 0;
      int crowds = 0;
      int annotations = 0;
      for (Map.Entry<Long, Sample> entry : samples(ROOT, split).entrySet()) {
        Sample sample = entry.getValue();
        if (target(sample).isTrainedOn(sample.width(), sample.height())) {
          kept.add(entry.getKey());
        }
        for (ObjectAnnotation a : target(sample).annotations()) {
          boolean crowd = a.crowd() == Extent.CROWD;
          annotations++;
          crowds += crowd ? 1 : 0;
          usable += !crowd && a.isUsable(sample.width(), sample.height()) ? 1 : 0;
        }
      }
      assertThat(kept)
          .containsExactly(JSON.convertValue(told.get("train_filter_image_ids"), Long[].class));
      assertThat(annotations).isEqualTo(told.get("annotations").asInt());
      assertThat(usable).isEqualTo(told.get("valid_boxes").asInt());
      assertThat(crowds).isEqualTo(told.get("crowd_boxes").asInt());
    }
  }

  @Test
  void turnsPicturesUntilTheyAgreeWithTheirAnnotations() throws Exception {
    Map<Long, Sample> samples = samples(ROOT, "train");
    for (Map.Entry<String, JsonNode> special : expected().get("special").properties()) {
      JsonNode told = special.getValue();
      Sample sample = samples.get(told.get("image_id").asLong());
      if (sample == null) {
        continue;
      }
      Image stored = ImageCodec.decode(sample.image());
      Image upright = target(sample).orientation().upright(stored);
      assertThat(stored.width()).isEqualTo(told.get("stored_wh").get(0).asInt());
      assertThat(upright.width())
          .isEqualTo(sample.width())
          .isEqualTo(told.get("json_wh").get(0).asInt());
      boolean turned = told.get("kind").asText().equals("exif_orientation_6");
      assertThat(target(sample).orientation())
          .isEqualTo(turned ? Orientation.TURNED_LEFT : Orientation.UPRIGHT);
    }
  }

  @Test
  void saysWhichMasksWereLeftOut() throws Exception {
    ShardSummary summary = Listings.shard(temp.resolve("train/a"), open(ROOT), "train");
    assertThat(summary.quarantined()).isEmpty();
    assertThat(summary.remarks())
        .extracting(SampleIssue::id, SampleIssue::reason)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(
                "train/000000027440", "annotation 66: polygon left out, it has 4 numbers"),
            org.assertj.core.groups.Tuple.tuple(
                "train/000000027440", "annotation 67: polygon left out, it has 7 numbers"));
  }

  @Test
  void takesTheListsInAnyOrderAndReportsWhatDoesNotFit() throws Exception {
    Path root = copy("odd");
    Path file = annotationFile(root, "val");
    ObjectNode told = (ObjectNode) JSON.readTree(file.toFile());
    ArrayNode annotations = (ArrayNode) told.get("annotations");
    ArrayNode images = (ArrayNode) told.get("images");
    ((ObjectNode) images.get(0)).put("width", 7);
    ((ObjectNode) images.get(1))
        .put("file_name", "val2017/" + images.get(1).get("file_name").asText());
    ((ObjectNode) images.get(2)).put("file_name", "gone.jpg");
    images.add(images.get(3));
    ((ObjectNode) annotations.get(0)).put("category_id", 2);
    ((ObjectNode) annotations.get(1)).putArray("bbox").add(1).add("x");
    ((ObjectNode) annotations.get(2)).put("image_id", 77);
    ((ObjectNode) annotations.get(3))
        .putObject("segmentation")
        .put("counts", "0")
        .putArray("size")
        .add(1)
        .add(9);
    ObjectNode reordered = JSON.createObjectNode();
    for (String name : List.of("annotations", "categories", "unknown", "images")) {
      reordered.set(name, told.has(name) ? told.get(name) : JSON.createArrayNode().add(1));
    }
    JSON.writeValue(file.toFile(), reordered);

    ShardSummary summary = Listings.shard(temp.resolve("val/a"), open(root), "val");
    assertThat(summary.rows()).isEqualTo(9);
    assertThat(summary.quarantined())
        .singleElement()
        .satisfies(q -> assertThat(q.reason()).contains("there is no file").contains("gone.jpg"));
    assertThat(summary.remarks())
        .extracting(SampleIssue::reason)
        .anyMatch(r -> r.contains("its annotations are of 7 x"))
        .anyMatch(r -> r.contains("the picture is listed 2 times"))
        .anyMatch(r -> r.contains("category 2 is not listed"))
        .anyMatch(r -> r.contains("left out, its bbox is not four numbers"))
        .anyMatch(r -> r.contains("1 annotations of a picture that is not listed"))
        .anyMatch(r -> r.contains("mask left out, runs of 0 pixels for a mask of 9 x 1"))
        .hasSize(6);
  }

  @Test
  void oddNumbersBecomeNoOtherCategoryAndHoldNothingUp() throws Exception {
    Path root = copy("numbers");
    Path file = annotationFile(root, "val");
    JsonNode told = JSON.readTree(file.toFile());
    ArrayNode annotations = (ArrayNode) told.get("annotations");
    ObjectNode first = (ObjectNode) annotations.get(0);
    first.remove("id");
    ((ObjectNode) annotations.get(1)).put("category_id", (1L << 32) + 1);
    ((ObjectNode) annotations.get(2)).put("category_id", 1.5);
    double[] box = JSON.convertValue(annotations.get(3).get("bbox"), double[].class);
    ((ObjectNode) annotations.get(3)).put("area", -77);
    ((ArrayNode) annotations.get(4).get("bbox")).set(0, -77);
    Files.writeString(file, JSON.writeValueAsString(told).replace("-77", "NaN"));

    ShardSummary summary = Listings.shard(temp.resolve("val/odd"), open(root), "val");
    assertThat(summary.remarks())
        .extracting(SampleIssue::reason)
        .anyMatch(r -> r.contains("category 4294967297 is not listed"))
        .anyMatch(r -> r.contains("category 1.5 is not listed"))
        .anyMatch(r -> r.contains("its area is not finite, that of its box is taken"))
        .anyMatch(r -> r.contains("left out, its bbox is not four numbers"))
        .hasSize(4);
    assertThat(samples(root, "val").values())
        .flatExtracting(sample -> target(sample).annotations())
        .hasSize(annotations.size() - 1)
        .noneMatch(annotation -> annotation.id() == 0)
        .anyMatch(annotation -> annotation.area() == box[2] * box[3]);
  }

  @Test
  void wholeNumbersMayBeWrittenAsDataFramesWriteThem() throws Exception {
    Path root = copy("floats");
    Path file = annotationFile(root, "val");
    JsonNode told = JSON.readTree(file.toFile());
    told.get("images").forEach(image -> asFloat(image, "id"));
    told.get("categories").forEach(category -> asFloat(category, "id"));
    for (String field : List.of("image_id", "category_id")) {
      told.get("annotations").forEach(annotation -> asFloat(annotation, field));
    }
    JSON.writeValue(file.toFile(), told);
    assertThat(samples(root, "val").keySet()).isEqualTo(samples(ROOT, "val").keySet());
    assertThat(annotations(root, "val")).isEqualTo(annotations(ROOT, "val"));

    ((ObjectNode) told.get("images").get(0)).put("id", 5.5);
    JSON.writeValue(file.toFile(), told);
    assertThatThrownBy(() -> samples(root, "val"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("images[0] has no whole number as id");
  }

  private static void asFloat(JsonNode node, String field) {
    ((ObjectNode) node).put(field, node.get(field).asDouble());
  }

  /** Or else training would be the first to say so, in the middle of an epoch. */
  @Test
  void polygonsThatCannotBeDrawnAreLeftOut() throws Exception {
    Path root = copy("far");
    Path file = annotationFile(root, "val");
    JsonNode told = JSON.readTree(file.toFile());
    ArrayNode ring = firstRing(told);
    ring.set(0, 1e30);
    JSON.writeValue(file.toFile(), told);
    ShardSummary summary = Listings.shard(temp.resolve("val/far"), open(root), "val");
    assertThat(summary.remarks())
        .extracting(SampleIssue::reason)
        .singleElement()
        .satisfies(r -> assertThat(r).contains("it has a point that is nowhere near a picture"));
    assertThat(samples(root, "val").values())
        .flatExtracting(sample -> target(sample).annotations())
        .allMatch(annotation -> MaskRaster.canDraw(annotation.segmentation()));
  }

  /** The official evaluation takes the mark for nothing; training shows such pictures, too. */
  @Test
  void objectsThatAreMarkedToBeIgnoredAreMeasuredAgainstAndNotLearntFrom() throws Exception {
    Path root = copy("marked");
    for (String split : List.of("train", "val")) {
      Path file = annotationFile(root, split);
      JsonNode told = JSON.readTree(file.toFile());
      long picture = told.get("annotations").get(0).get("image_id").asLong();
      long marked = 0;
      for (JsonNode annotation : told.get("annotations")) {
        if (annotation.get("image_id").asLong() == picture) {
          ((ObjectNode) annotation).put("ignore", 1);
          marked++;
        }
      }
      JSON.writeValue(file.toFile(), told);
      boolean learnt = split.equals("train");
      ShardSummary summary = Listings.shard(temp.resolve(split + "/a"), open(root), split);
      assertThat(summary.remarks())
          .extracting(SampleIssue::reason)
          .filteredOn(reason -> reason.contains("not learnt, it is marked to be ignored"))
          .hasSize((int) (learnt ? marked : 0));
      assertThat(annotations(root, split)).isEqualTo(annotations(ROOT, split));
      Sample sample = samples(root, split).get(picture);
      assertThat(target(sample).isTrainedOn(sample.width(), sample.height())).isTrue();
      assertThat(crowds(sample))
          .isEqualTo(learnt ? marked : crowds(samples(ROOT, split).get(picture)));
    }
  }

  private static long crowds(Sample sample) {
    return target(sample).annotations().stream().filter(a -> a.crowd() == Extent.CROWD).count();
  }

  private long annotations(Path root, String split) throws Exception {
    return samples(root, split).values().stream()
        .mapToLong(sample -> target(sample).annotations().size())
        .sum();
  }

  @Test
  void filesMayBeNamedFromHereAndWithColons() throws Exception {
    Path root = copy("named");
    Path file = annotationFile(root, "val");
    JsonNode told = JSON.readTree(file.toFile());
    ArrayNode images = (ArrayNode) told.get("images");
    String first = images.get(0).get("file_name").asText();
    ((ObjectNode) images.get(0)).put("file_name", "./" + first);
    String second = images.get(1).get("file_name").asText();
    Path pictures = root.resolve("val2017");
    Files.move(pictures.resolve(second), pictures.resolve("12:30 " + second));
    ((ObjectNode) images.get(1)).put("file_name", "12:30 " + second);
    JSON.writeValue(file.toFile(), told);
    ShardSummary summary = Listings.shard(temp.resolve("val/a"), open(root), "val");
    assertThat(summary.quarantined()).isEmpty();
    assertThat(summary.rows()).isEqualTo(images.size());
  }

  @Test
  void anythingThatAnAnnotationSaysTellsListingsApart() throws Exception {
    Path root = copy("corrected");
    Path file = annotationFile(root, "val");
    JsonNode told = JSON.readTree(file.toFile());
    long before = digest(root);
    assertThat(digest(root)).isEqualTo(before);
    ObjectNode object = (ObjectNode) told.get("annotations").get(0);
    int crowd = object.get("iscrowd").asInt();
    object.put("iscrowd", 1 - crowd);
    JSON.writeValue(file.toFile(), told);
    assertThat(digest(root)).isNotEqualTo(before);
    object.put("iscrowd", crowd);
    ArrayNode ring = firstRing(told);
    ring.set(0, ring.get(0).asDouble() + 0.5);
    JSON.writeValue(file.toFile(), told);
    assertThat(digest(root)).isNotEqualTo(before);
    ring.set(0, ring.get(0).asDouble() - 0.5);
    for (String split : List.of("train", "val")) {
      Path each = annotationFile(ROOT, split);
      JsonNode more = JSON.readTree(each.toFile());
      ((ArrayNode) more.get("categories")).insertObject(0).put("id", 0).put("name", "first");
      JSON.writeValue(annotationFile(root, split).toFile(), more);
    }
    assertThat(digest(root)).isNotEqualTo(before);
  }

  private static ArrayNode firstRing(JsonNode told) {
    for (JsonNode annotation : told.get("annotations")) {
      JsonNode segmentation = annotation.get("segmentation");
      if (segmentation.isArray() && segmentation.size() > 0 && segmentation.get(0).size() > 6) {
        return (ArrayNode) segmentation.get(0);
      }
    }
    throw new AssertionError("no polygons");
  }

  private static long digest(Path root) throws Exception {
    DataSource source = open(root);
    long digest = 0;
    for (var unit : source.units()) {
      try (Listing listing = source.list(new Configuration(), unit)) {
        while (listing.hasNext()) {
          digest += ListingDigest.of(listing.next());
        }
      }
    }
    return digest;
  }

  @Test
  void readsOnlyAsMuchOfTheFileAsItIsAskedFor() throws Exception {
    Path root = copy("cut");
    DataSource source = open(root);
    Path file = annotationFile(root, "val");
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length / 2));
    // The first half is listed before the damage is met: nothing is read ahead of the consumer.
    try (Listing listing = source.list(new Configuration(), source.units().get(1))) {
      assertThat(listing.next()).isNotNull();
      assertThatThrownBy(() -> listing.forEachRemaining(found -> {}))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("instances_val2017.json");
    }
    assertThatThrownBy(() -> open(root))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("instances_val2017.json");
  }

  @Test
  void refusesWhatIsNoCoco() throws Exception {
    assertRefused(temp.resolve("none"), "there is nothing at");
    Path root = temp.resolve("bad");
    Files.createDirectories(root.resolve("annotations"));
    assertRefused(root, "no COCO in");
    Path file = root.resolve("annotations/instances_train2017.json");
    Files.writeString(file, "[]");
    assertRefused(root, "no pictures: looked for the folders");
    Files.createDirectories(root.resolve("images"));
    assertRefused(root, "holds no object");
    Files.writeString(file, "{\"categories\": []}");
    assertRefused(root, "has no categories");
    Files.writeString(file, "{\"categories\": [{\"name\": \"a\"}]}");
    assertRefused(root, "categories[0] has no whole number as id");
    Files.writeString(file, "{\"categories\": [{\"id\": 1}, {\"id\": 1}]}");
    assertRefused(root, "two categories with the id 1");
    Files.writeString(file, "{\"categories\": [{\"id\": 1}]}");
    Files.writeString(
        root.resolve("annotations/instances_train2014.json"), "{\"categories\": [{\"id\": 1}]}");
    assertRefused(root, "both of split \"train\"");
  }

  private void assertRefused(Path root, String message) {
    assertThatThrownBy(() -> open(root))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(message);
  }

  private Map<Long, Sample> samples(Path root, String split) throws IOException {
    Path file = temp.resolve(split + "/part");
    Listings.shard(file, open(root), split);
    Map<Long, Sample> samples = new TreeMap<>();
    for (Sample sample : Listings.read(file)) {
      samples.put(target(sample).imageId(), sample);
    }
    return samples;
  }

  private static ObjectTarget target(Sample sample) {
    return (ObjectTarget) sample.target();
  }

  private static DataSource open(Path root) throws IOException {
    return CocoSource.open(new Configuration(), Samples.hadoop(root));
  }

  private Path copy(String name) throws IOException {
    Path root = temp.resolve(name);
    Samples.copy(ROOT, root);
    return root;
  }

  private static Path annotationFile(Path root, String split) {
    return root.resolve("annotations/instances_" + split + "2017.json");
  }

  private static JsonNode expected() throws IOException {
    return JSON.readTree(ROOT.resolve("expected.json").toFile());
  }
}
