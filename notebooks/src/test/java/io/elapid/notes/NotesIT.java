package io.elapid.notes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The notes on a real Zeppelin server with a real Spark, paragraph by paragraph. What they have
 * shown is left as pages in {@code target/shown}.
 */
@Timeout(300)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class NotesIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path NOTES = Path.of(System.getProperty("elapid.notes"));
  private static final Path TARGET = NOTES.resolve("target");
  private static final String HEADING = "%md";

  /** A coordinate or a label; pictures in Base64 may have such letters by chance. */
  private static final Pattern NOT_FINITE = Pattern.compile("\\b(NaN|Infinity)\\b(?![+/=])");

  private static final String TRAIN = "02_train_and_watch.zpln";
  private static final String LOOK = "03_what_mamba_sees.zpln";

  /** Title of a paragraph of code to what it must show. */
  private static final Map<String, Map<String, Expected>> EXPECTED =
      Map.of(
          "01_explore_dataset",
          Map.of(
              "The data", text("48 pictures to train on, 16 to validate, 8 classes"),
              "Pictures by size", table("size", "format", "pictures"),
              "How often each class occurs", table("class", "things"),
              "How much of the picture it covers", table("class", "percent_of_picture"),
              "Pictures with what is to be learnt from them", page(8, 0),
              "Pictures under their labels", page(6, 0),
              "Check", text("")),
          "02_train_and_watch",
          Map.of(
              "Pictures of ten classes", text("640 pictures of 10 classes"),
              "Some of them", page(10, 0),
              "Begin to train", text("training goes on in "),
              "Loss while it trains", page(0, 1),
              "Loss", table("update", "curve", "loss"),
              "Validation pictures that are recognised", table("epoch", "measure", "percent"),
              "Check", text("")),
          "03_what_mamba_sees",
          Map.of(
              "Pictures and networks", page(4, 0),
              // a spectrum is a picture with a bar of its colours
              "Fourier spectra of the branches", page(2 * 3 * 4, 3 * 4),
              "Curves of all stages", page(0, 4),
              "Table", table("stage", "branch", "frequency", "amplitude"),
              "One network of each family", page(2 * 4, 4),
              "Side of the square", table("network", "share", "side"),
              "Check", text("")),
          "04_compare_models",
          Map.of(
              // six, and the one that the second note has trained
              "Measure", text("7 networks, batch 1"),
              "Table", models(),
              "Parameters, millions", models(),
              "Time of a picture against its MACs", models(),
              "Pareto plot of time and size", page(0, 1),
              "Measured by runs", table("network", "top-1 %", "run", "data"),
              "Pareto plot of time and accuracy", page(0, 1),
              "Pareto plot of what is typed in", text("Fill in the form"),
              "Check", text("")));

  private static Zeppelin server;

  /** What a paragraph must show. */
  private interface Expected {
    void check(Shown shown) throws Exception;
  }

  private static Expected text(String part) {
    return shown -> {
      assertThat(shown.main().type()).isEqualTo("TEXT");
      assertThat(shown.text()).contains(part);
    };
  }

  private static Expected table(String... columns) {
    return shown -> {
      assertThat(shown.main().type()).isEqualTo("TABLE");
      assertThat(shown.columns()).containsExactly(columns);
      assertThat(shown.rows()).isNotEmpty().allMatch(row -> row.size() == columns.length);
    };
  }

  private static Expected models() {
    return table("network", "family", "input px", "parameters M", "MACs M", "ms per picture");
  }

  private static Expected page(int pictures, int drawings) {
    return shown -> {
      assertThat(shown.main().type()).isEqualTo("HTML");
      assertThat(shown.pictures()).hasSize(pictures).allMatch(NotesIT::isNotEmpty);
      assertThat(shown.drawings())
          .hasSize(drawings)
          .noneMatch(drawing -> NOT_FINITE.matcher(drawing).find());
    };
  }

  /** More than one colour. */
  private static boolean isNotEmpty(BufferedImage picture) {
    int first = picture.getRGB(0, 0);
    for (int y = 0; y < picture.getHeight(); y++) {
      for (int x = 0; x < picture.getWidth(); x++) {
        if (picture.getRGB(x, y) != first) {
          return true;
        }
      }
    }
    return false;
  }

  @BeforeAll
  static void start() throws IOException {
    server = Zeppelin.start(Path.of(System.getProperty("elapid.zeppelin.home")));
    Path built = Path.of(System.getProperty("elapid.spark.target"));
    List<Path> jars = new ArrayList<>();
    jars.add(built.resolve("elapid-spark-%s.jar".formatted(System.getProperty("elapid.version"))));
    try (Stream<Path> libraries = Files.list(built.resolve("lib"))) {
      libraries.filter(file -> file.toString().endsWith(".jar")).forEach(jars::add);
    }
    Path scratch = Zeppelin.emptied(TARGET.resolve("scratch"));
    Map<String, String> properties = new HashMap<>();
    properties.put("SPARK_HOME", System.getProperty("elapid.spark.home"));
    properties.put("spark.master", "local[2]");
    properties.put(
        "spark.jars",
        jars.stream()
            .map(jar -> jar.toAbsolutePath().normalize().toString())
            .collect(Collectors.joining(",")));
    properties.put("spark.plugins", "io.elapid.observe.ElapidPlugin");
    properties.put("spark.driver.memory", "1200m");
    properties.put(
        "spark.driver.extraJavaOptions",
        "--add-modules=jdk.incubator.vector,jdk.incubator.foreign"
            + " --enable-native-access=ALL-UNNAMED -Djava.awt.headless=true"
            + " -Dorg.bytedeco.javacpp.maxphysicalbytes=4g"
            + " -Djava.io.tmpdir="
            + scratch);
    properties.put("spark.driver.host", "127.0.0.1");
    properties.put("spark.driver.bindAddress", "127.0.0.1");
    properties.put("spark.ui.enabled", "false");
    properties.put("zeppelin.spark.scala.color", "false");
    properties.put("zeppelin.spark.useHiveContext", "false");
    properties.put("zeppelin.spark.enableSupportedVersionCheck", "false");
    server.configureSpark(properties);
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
  }

  static List<Path> notes() throws IOException {
    try (Stream<Path> files = Files.list(NOTES)) {
      return files.filter(file -> file.toString().endsWith(".zpln")).sorted().toList();
    }
  }

  @ParameterizedTest
  @Order(1)
  @MethodSource("notes")
  void everyParagraphShowsWhatItIsFor(Path file) throws Exception {
    String name = file.getFileName().toString().replace(".zpln", "");
    assertThat(EXPECTED).containsKey(name);
    run(name, JSON.readTree(file.toFile()), EXPECTED.get(name));
  }

  private static void run(String name, JsonNode source, Map<String, Expected> expected)
      throws Exception {
    JsonNode note = server.add(name, source);
    Path pages = Files.createDirectories(TARGET.resolve("shown").resolve(name));
    List<String> seen = new ArrayList<>();
    int number = 0;
    for (JsonNode paragraph : note.path("paragraphs")) {
      String title = paragraph.path("title").asText();
      boolean prose = paragraph.path("text").asText().startsWith(HEADING);
      Shown shown = Shown.of(server.run(note, paragraph, Map.of()));
      String place = "%s, paragraph %d, %s".formatted(name, number, title);
      Path page =
          pages.resolve(
              "%02d.%s".formatted(number++, shown.main().type().toLowerCase(Locale.ROOT)));
      Files.writeString(page, shown.main().data());
      assertThat(shown.code()).as("%s: %s", place, shown.text()).isEqualTo("SUCCESS");
      if (prose) {
        assertThat(shown.main().type()).as(place).isEqualTo("HTML");
      } else {
        seen.add(title);
        assertThat(expected).as(place).containsKey(title);
        expected.get(title).check(shown);
      }
    }
    assertThat(seen).containsExactlyInAnyOrderElementsOf(expected.keySet());
  }

  /** What one note trains another looks into, and a form says which. */
  @Test
  @Order(2)
  void formsTakeTheWeightsOfARun() throws Exception {
    JsonNode training = server.add("trained", JSON.readTree(NOTES.resolve(TRAIN).toFile()));
    Map<String, String> forms =
        Map.of("network", "tinyvim_s", "epochs", "2", "training pictures", "64");
    String said = "";
    for (String title :
        List.of("Pictures of ten classes", "Begin to train", "Loss while it trains")) {
      Shown shown = shown(training, title, forms);
      said += shown.text();
    }
    assertThat(said).contains("64 pictures of 10 classes");
    Matcher run = Pattern.compile("training goes on in (\\S+)").matcher(said);
    assertThat(run.find()).as(said).isTrue();
    assertThat(run.group(1)).contains("tinyvim_s");

    JsonNode looking = server.add("looked", JSON.readTree(NOTES.resolve(LOOK).toFile()));
    List<String> spectra = new ArrayList<>();
    for (String weights : List.of("", run.group(1))) {
      Map<String, String> named = Map.of("weights of TinyViM (empty: untrained)", weights);
      shown(looking, "Pictures and networks", named);
      Shown shown = shown(looking, "Fourier spectra of the branches", named);
      page(2 * 3 * 4, 3 * 4).check(shown);
      spectra.add(shown(looking, "Table", named).main().data());
    }
    assertThat(spectra.get(1)).isNotEqualTo(spectra.get(0));
  }

  private static Shown shown(JsonNode note, String title, Map<String, String> forms)
      throws IOException {
    for (JsonNode paragraph : note.path("paragraphs")) {
      if (paragraph.path("title").asText().equals(title)) {
        Shown shown = Shown.of(server.run(note, paragraph, forms));
        assertThat(shown.code()).as("%s: %s", title, shown.text()).isEqualTo("SUCCESS");
        return shown;
      }
    }
    throw new AssertionError("no paragraph " + title);
  }

  @Test
  @Order(3)
  void aNoteThatDoesNotHoldIsNoticed() throws Exception {
    Map<String, Expected> expected = Map.of("Rows", table("id"));
    run("sound", note("z.show(spark.range(3))"), expected);
    for (String wrong :
        List.of(
            "require(1 + 1 == 3)",
            "nobody.defined.this",
            "z.show(spark.range(3).toDF(\"other\"))",
            "println(\"%html <b>no table</b>\")")) {
      JsonNode note = note(wrong);
      assertThat(catchAssertion(() -> run("wrong-" + wrong.hashCode(), note, expected)))
          .as(wrong)
          .isNotNull();
    }
  }

  private interface Body {
    void run() throws Exception;
  }

  private static AssertionError catchAssertion(Body body) throws Exception {
    try {
      body.run();
      return null;
    } catch (AssertionError e) {
      return e;
    }
  }

  private static JsonNode note(String code) {
    ObjectNode note = JSON.createObjectNode().put("name", "a note");
    note.putArray("paragraphs").addObject().put("title", "Rows").put("text", "%spark\n" + code);
    return note;
  }
}
