package io.elapid.data.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.data.Samples;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every odd file of the sample data set comes out in Pillow's colours, or not at all. */
class SampleImagesTest {
  static Stream<Map.Entry<String, JsonNode>> special() throws IOException {
    return Samples.expected().get("special").properties().stream();
  }

  @ParameterizedTest
  @MethodSource("special")
  void decodesToPillowsMeanColourOrRefuses(Map.Entry<String, JsonNode> entry) throws Exception {
    byte[] bytes = Files.readAllBytes(file(entry.getKey()));
    JsonNode expected = entry.getValue();
    if (expected.has("pillow_error")) {
      assertThatThrownBy(() -> ImageCodec.inspect(bytes))
          .isInstanceOf(UnreadableImageException.class);
      assertThatThrownBy(() -> ImageCodec.decode(bytes))
          .isInstanceOf(UnreadableImageException.class);
      return;
    }
    ImageInfo info = ImageCodec.inspect(bytes);
    assertThat(info.format().name()).isEqualTo(expected.get("format").asText());
    assertThat(info.width()).isEqualTo(expected.get("stored_wh").get(0).asInt());
    assertThat(info.height()).isEqualTo(expected.get("stored_wh").get(1).asInt());
    Image image = ImageCodec.decode(bytes);
    assertThat(image.width()).isEqualTo(info.width());
    assertThat(image.height()).isEqualTo(info.height());
    for (int channel = 0; channel < 3; channel++) {
      assertThat(mean(image, channel))
          .as("mean of channel %d", channel)
          .isCloseTo(expected.get("mean_rgb").get(channel).asDouble(), within(0.006));
    }
  }

  @Test
  void readsEveryOrdinarySample() throws Exception {
    try (Stream<Path> files = Files.walk(Samples.FOLDERS)) {
      int readable = 0;
      for (Path file : files.filter(f -> f.toString().endsWith(".JPEG")).toList()) {
        String name = file.getFileName().toString();
        if (!name.equals("n90000460_3365.JPEG") && !name.equals("n90000233_4075.JPEG")) {
          byte[] bytes = Files.readAllBytes(file);
          Image image = ImageCodec.decode(bytes);
          assertThat(ImageCodec.inspect(bytes).width()).as(name).isEqualTo(image.width());
          readable++;
        }
      }
      assertThat(readable).isEqualTo(96 + 24 - 2);
    }
  }

  private static Path file(String key) throws IOException {
    Path direct = Samples.FOLDERS.resolve(key);
    if (Files.exists(direct)) {
      return direct;
    }
    String name = direct.getFileName().toString();
    try (Stream<Path> files = Files.walk(Samples.FOLDERS)) {
      return files.filter(f -> f.getFileName().toString().equals(name)).findFirst().orElseThrow();
    }
  }

  private static double mean(Image image, int channel) {
    long sum = 0;
    for (int i = channel; i < image.rgb().length; i += 3) {
      sum += image.rgb()[i] & 0xFF;
    }
    return (double) sum / (image.width() * image.height());
  }
}
