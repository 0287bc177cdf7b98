package io.elapid.notebook;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The form of the notes. What they do is tested on a Zeppelin server: profile notebooks. */
final class NotesFormTest {
  private static final Path FOLDER = Path.of("../notebooks");
  private static final JsonMapper JSON = new JsonMapper();

  static List<Path> notes() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files.filter(file -> file.toString().endsWith(".zpln")).sorted().toList();
    }
  }

  @Test
  void thereAreFourNotes() throws IOException {
    assertThat(notes())
        .extracting(note -> note.getFileName().toString())
        .containsExactly(
            "01_explore_dataset.zpln",
            "02_train_and_watch.zpln",
            "03_what_mamba_sees.zpln",
            "04_compare_models.zpln");
  }

  @ParameterizedTest
  @MethodSource("notes")
  void everyNoteHasTheHouseForm(Path file) throws IOException {
    JsonNode note = JSON.readTree(file.toFile());
    assertThat(note.path("name").asText() + ".zpln").isEqualTo(file.getFileName().toString());
    List<String> code = new ArrayList<>();
    List<String> prose = new ArrayList<>();
    for (JsonNode paragraph : note.path("paragraphs")) {
      String text = paragraph.path("text").asText();
      assertThat(text).matches("(?s)%(md|spark|sql)\n.*");
      assertThat(text)
          .doesNotContain("%angular", "/tmp", "/home/", "file:", "localhost", "127.0.0.1");
      if (text.startsWith("%md")) {
        prose.add(text);
        assertThat(paragraph.at("/config/editorHide").asBoolean()).isTrue();
      } else {
        code.add(text);
        assertThat(paragraph.path("title").asText()).as(text).isNotBlank();
        assertThat(paragraph.at("/config/title").asBoolean()).as(text).isTrue();
      }
      // what a server keeps of a run is no part of a note
      assertThat(paragraph.has("results")).as(text).isFalse();
      assertThat(paragraph.has("user")).as(text).isFalse();
    }
    assertThat(prose).isNotEmpty();
    assertThat(note.at("/paragraphs/0/text").asText()).startsWith("%md\n# ");
    assertThat(code.get(code.size() - 1)).startsWith("%spark").contains("\nrequire(");
    assertThat(String.join("", code)).contains("z.textbox(");
  }
}
