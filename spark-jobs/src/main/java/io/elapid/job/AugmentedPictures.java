package io.elapid.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.elapid.config.Recipe;
import io.elapid.data.augment.Pipeline;
import io.elapid.data.augment.UnusablePictureException;
import io.elapid.data.image.UnreadableImageException;
import io.elapid.data.loader.SamplePictures;
import io.elapid.data.shard.Manifest;
import io.elapid.data.shard.Sample;
import io.elapid.data.source.ClassLabel;
import io.elapid.data.target.Instances;
import io.elapid.observe.Thumbnail;
import io.elapid.observe.TruthPainter;
import io.elapid.worker.Augmentation;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Some training pictures as the network is shown them, boxes and masks drawn, as events. */
final class AugmentedPictures {
  private static final Logger LOG = LoggerFactory.getLogger(AugmentedPictures.class);
  private static final int SIDE = 320;

  private AugmentedPictures() {}

  static List<JsonNode> of(Configuration hadoop, Recipe recipe, int count) throws IOException {
    Path dataset = new Path(recipe.data().requirePath());
    Manifest manifest = Manifest.read(hadoop, dataset);
    List<String> names = manifest.classes().stream().map(ClassLabel::name).toList();
    Pipeline pipeline = Augmentation.of(recipe);
    List<JsonNode> events = new ArrayList<>();
    try (TruthPainter painter = new TruthPainter(names, SIDE)) {
      for (Sample sample :
          FirstSamples.of(hadoop, dataset, manifest.shards(recipe.data().trainSplit()), count)) {
        try {
          Thumbnail picture =
              painter.painted(
                  pipeline.apply(
                      SamplePictures.decode(sample, Instances.Parts.BOXES_AND_MASKS),
                      recipe.seed() + events.size()));
          events.add(event(picture, events.size()));
        } catch (UnreadableImageException | UnusablePictureException e) {
          LOG.debug("sample {} is not shown: {}", sample.id(), e.toString());
        }
      }
    }
    return events;
  }

  private static JsonNode event(Thumbnail picture, int number) throws IOException {
    BufferedImage image = ImageIO.read(new ByteArrayInputStream(picture.bytes()));
    return JsonNodeFactory.instance
        .objectNode()
        .put("event", "picture")
        .put("time", Instant.now().toString())
        .put("tag", "train/augmented/" + number)
        .put("step", 0)
        .put("width", image.getWidth())
        .put("height", image.getHeight())
        .put("bytes", picture.bytes());
  }
}
