package io.elapid.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.elapid.data.InputException;
import io.elapid.data.Samples;
import io.elapid.data.image.Size;
import io.elapid.data.target.ObjectAnnotation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An annotation file as an evaluation sees it. */
class CocoTruthTest {
  private static final Configuration CONF = new Configuration();
  private static final String CATEGORIES = "\"categories\":[{\"id\":4,\"name\":\"b\"},{\"id\":2}]";

  @TempDir Path temp;

  @Test
  void holdsAllPicturesAndWhatTrainingWouldLeaveOut() throws IOException {
    CocoTruth samples =
        CocoTruth.read(
            CONF,
            Samples.hadoop(Path.of("src/test/resources/coco/annotations/instances_val2017.json")));
    assertThat(samples.pictures()).hasSize(10);

    CocoTruth truth =
        read(
            "\"annotations\":[{\"id\":8,\"image_id\":3,\"category_id\":4,\"ignore\":1,"
                + "\"area\":6,\"bbox\":[1,1,2,3]},"
                + "{\"id\":9,\"image_id\":3,\"category_id\":2,\"bbox\":\"none\"}],"
                + "\"images\":[{\"id\":3,\"width\":20,\"height\":10},"
                + "{\"id\":1,\"width\":5,\"height\":6}],");
    assertThat(truth.classes()).extracting(ClassLabel::id).containsExactly("2", "4");
    assertThat(truth.pictures().keySet()).containsExactly(1L, 3L);
    assertThat(truth.pictures().get(1L).size()).isEqualTo(new Size(5, 6));
    assertThat(truth.pictures().get(3L).target().annotations())
        .singleElement()
        .extracting(ObjectAnnotation::id, ObjectAnnotation::label)
        .containsExactly(8L, 1);
    assertThat(truth.problems()).singleElement().asString().contains("annotation 9");
  }

  @Test
  void refusesFilesThatContradictThemselves() {
    String picture = "{\"id\":3,\"width\":20,\"height\":10}";
    String[][] broken = {
      {"\"images\":[" + picture + "," + picture + "],", "two pictures with the id 3"},
      {"\"images\":[{\"id\":3,\"width\":20}],", "images[0] has no id, width or height"},
      {
        "\"images\":["
            + picture
            + "],\"annotations\":[{\"id\":1,\"image_id\":5,"
            + "\"category_id\":2,\"bbox\":[1,1,2,3]}],",
        "annotations of picture 5"
      },
      {"\"images\":[" + picture + ",", "gt.json"},
    };
    for (String[] one : broken) {
      assertThatThrownBy(() -> read(one[0]))
          .isInstanceOf(InputException.class)
          .hasMessageContaining(one[1]);
    }
  }

  private CocoTruth read(String content) throws IOException {
    Path file = temp.resolve("gt.json");
    Files.writeString(file, "{" + content + CATEGORIES + "}");
    return CocoTruth.read(CONF, Samples.hadoop(file));
  }
}
