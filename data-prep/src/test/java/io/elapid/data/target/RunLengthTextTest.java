package io.elapid.data.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

class RunLengthTextTest {
  @Test
  void writesAndReadsWhatPycocotoolsDoes() throws IOException {
    JsonNode golden =
        new ObjectMapper()
            .readTree(Path.of("src/test/resources/golden/downstream/rle.json").toFile());
    int checked = 0;
    for (String family : new String[] {"masks", "polygons", "uncompressed", "strings"}) {
      for (JsonNode one : golden.get(family)) {
        int[] counts =
            StreamSupport.stream(one.get("counts").spliterator(), false)
                .mapToInt(JsonNode::asInt)
                .toArray();
        assertThat(RunLengthText.decode(one.get("string").asText())).isEqualTo(counts);
        assertThat(RunLengthText.encode(counts)).isEqualTo(one.get("string").asText());
        if (one.has("area")) {
          JsonNode size = one.get("size");
          assertThat(
                  new Segmentation.RunLength(size.get(1).asInt(), size.get(0).asInt(), counts)
                      .area())
              .isEqualTo(one.get("area").asLong());
        }
        checked++;
      }
    }
    assertThat(checked).isGreaterThan(90);
  }

  @Test
  void refusesWhatIsNoRunLength() {
    for (String text : new String[] {"P", "oooooooooo", "a b", "\u00e9", "02222N_"}) {
      assertThatThrownBy(() -> RunLengthText.decode(text))
          .as(text)
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> new Segmentation.RunLength(2, 2, new int[] {1, 2}))
        .hasMessageContaining("runs of 3 pixels for a mask of 2 x 2");
    assertThatThrownBy(() -> new Segmentation.RunLength(2, 2, new int[] {5, -1}))
        .hasMessageContaining("a run of -1 pixels");
  }
}
