package io.elapid.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.chaos.Launcher.Result;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From the archives that are downloaded to a page in a browser, for each kind of data set. */
final class InspectIT {
  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final Path SAMPLES =
      Path.of(System.getProperty("elapid.home"), "data-prep/src/test/resources").toAbsolutePath();

  @TempDir Path folder;
  private String said = "";

  @Test
  void objectsFromZipArchives() throws IOException {
    Path zips = Files.createDirectories(folder.resolve("zips"));
    for (String part : new String[] {"train2017", "val2017", "annotations"}) {
      zip(SAMPLES.resolve("coco"), part, zips.resolve(part + ".zip"));
    }
    Document page = page("coco", zips);
    assertThat(page.select("#section-shown figure")).hasSize(12);
    assertThat(page.select("#section-augmented .strip").first().select("img")).hasSize(4);
    assertThat(page.select("#section-sizes .spot")).hasSize(40);
    assertThat(page.select("#section-classes tbody tr")).hasSize(5);
    assertThat(counted(page)).isGreaterThan(100);
    assertThat(page.select("#section-shown figcaption").text()).contains("triangle");
  }

  @Test
  void labelMapsFromAZipArchive() throws IOException {
    Path zips = Files.createDirectories(folder.resolve("zips"));
    zip(
        SAMPLES.resolve("ade20k"),
        "ADEChallengeData2016",
        zips.resolve("ADEChallengeData2016.zip"));
    Document page = page("ade20k", zips);
    assertThat(page.select("#section-shown figure")).hasSize(12);
    assertThat(page.select("#section-classes tbody tr")).hasSizeGreaterThan(10);
    Map<String, String> colours = new HashMap<>(Map.of("ignored", "background:#000000"));
    for (Element row : page.select("#section-classes tbody tr")) {
      String style = row.select("i").attr("style");
      colours.put(row.select("th").text(), style.substring(style.indexOf("background")));
    }
    assertThat(page.select("#section-shown .key")).hasSizeGreaterThan(12);
    for (Element label : page.select("#section-shown .key")) {
      assertThat(label.select("i").attr("style")).isEqualTo(colours.get(label.text()));
    }
    assertThat(counted(page)).isPositive();
  }

  @Test
  void classesAndARecipesTransforms() throws IOException {
    Document page =
        page(
            "imagenet",
            SAMPLES.resolve("imagenet/folders"),
            "--recipe",
            "efficientvim_m1_imagenet",
            "-D",
            "model.image-size=64");
    assertThat(page.select("#section-shown figure")).hasSize(12);
    assertThat(page.select("#section-classes tbody tr")).hasSize(6);
    assertThat(counted(page)).isEqualTo(page.select("#section-sizes .spot").size());
    assertThat(page.select("#section-augmented li").first().text())
        .contains("RandomResizedCrop")
        .contains("size=64");
  }

  @Test
  void aPictureThatCannotBeTransformedIsNamedAndTheOthersAreShown() throws IOException {
    for (String split : List.of("train", "val")) {
      Path pictures = Files.createDirectories(folder.resolve("raw").resolve(split + "/thing"));
      ImageIO.write(
          new BufferedImage(40, 30, BufferedImage.TYPE_INT_RGB),
          "png",
          pictures.resolve("usual.png").toFile());
      ImageIO.write(
          new BufferedImage(20_000, 1, BufferedImage.TYPE_INT_RGB),
          "png",
          pictures.resolve("thin.png").toFile());
    }
    Document page =
        page(
            "imagenet",
            folder.resolve("raw"),
            "--recipe",
            "quickstart",
            "-D",
            "model.image-size=256",
            "-D",
            "data.train-transforms=[{type=resize},{type=center-crop}]");
    assertThat(page.select("#section-shown figure")).hasSize(1);
    assertThat(said)
        .containsPattern(
            "(?m)^inspect: train/thing/thin.png is not shown: 20000 x 1 pixels would become");
  }

  @Test
  void whatIsNoDataSetIsSaid() {
    Result result =
        new ElapidRun(folder).direct().run(LIMIT, "inspect", folder.resolve("no").toString());
    assertThat(result.exit()).as(result.output()).isEqualTo(2);
    assertThat(result.output()).contains("there is no data set at");
  }

  private Document page(String kind, Path in, String... more) throws IOException {
    Path data = folder.resolve("data");
    Path page = folder.resolve("page.html");
    Result prepared =
        new ElapidRun(folder)
            .run(LIMIT, "prepare", kind, in.toString(), data.toString(), "--max-bad", "0.05");
    assertThat(prepared.exit()).as(prepared.output()).isZero();
    String[] words =
        Stream.concat(
                Stream.of("inspect", data.toString(), "--out", page.toString(), "--pictures", "12"),
                Stream.of(more))
            .toArray(String[]::new);
    Result inspected = new ElapidRun(folder).direct().run(LIMIT, words);
    assertThat(inspected.exit()).as(inspected.output()).isZero();
    said = inspected.output();
    Document document = Jsoup.parse(page.toFile(), "UTF-8");
    assertThat(document.select("[href], script[src], link")).isEmpty();
    for (Element image : document.select("img")) {
      String uri = image.attr("src");
      assertThat(uri).startsWith("data:image/jpeg;base64,");
      byte[] bytes = Base64.getDecoder().decode(uri.substring(uri.indexOf(',') + 1));
      assertThat(ImageIO.read(new ByteArrayInputStream(bytes)).getWidth()).isBetween(1, 360);
    }
    return document;
  }

  private static long counted(Document page) {
    return page.select("#section-classes td.n").stream()
        .mapToLong(cell -> Long.parseLong(cell.text().replace(",", "")))
        .sum();
  }

  private static void zip(Path root, String part, Path zip) throws IOException {
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip));
        Stream<Path> files = Files.walk(root.resolve(part))) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        out.putNextEntry(new ZipEntry(root.relativize(file).toString()));
        Files.copy(file, out);
        out.closeEntry();
      }
    }
  }
}
