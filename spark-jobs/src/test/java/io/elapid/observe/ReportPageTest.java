package io.elapid.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.task.evaluation.CocoResults;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jsoup.select.Elements;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportPageTest {
  private final Document page = Jsoup.parse(ReportPage.html(SampleReports.of(10, 300)));

  @TempDir java.nio.file.Path dir;

  @Test
  void theResultStandsAtTheTop() {
    assertThat(page.title()).isEqualTo("efficientvim_m1 on " + SampleReports.HOSTILE);
    assertThat(page.select("header .tile").eachText())
        .containsExactly(
            "top-1 93.4 % of the validation split",
            "top-5 100.0 % right answer among the best five",
            "loss 0.4377 cross-entropy on the validation split",
            "best 93.4 % top-1 after epoch 12",
            "time 5 min 12 s 420 samples per second");
  }

  @Test
  void nothingIsLoadedFromElsewhereAndNoTextBecomesMarkup() {
    assertThat(page.select("link, iframe, object, base, [src]:not([src^=data:image/png;base64,])"))
        .isEmpty();
    assertThat(page.select("a[href], [onclick], [onerror]")).isEmpty();
    assertThat(page.select("script:not([type])")).hasSize(1);
    assertThat(page.select("script[type]").eachAttr("type")).containsOnly("application/json");
    assertThat(page.html()).doesNotContain("<script>alert").doesNotContain("@import", "url(");
    assertThat(page.select("#section-recipe pre").text()).contains(SampleReports.HOSTILE);
    assertThat(page.select("#section-provenance td").eachText()).contains(SampleReports.HOSTILE);
    assertThat(page.select(".heat tbody th").eachText()).contains(SampleReports.HOSTILE);
  }

  @Test
  void curvesHaveAxesLegendsAndTheirLastValues() {
    Element loss = page.selectFirst("#loss");
    assertThat(loss.select(".legend li").eachText())
        .hasSize(2)
        .satisfies(names -> assertThat(names.get(0)).startsWith("training 0."))
        .satisfies(names -> assertThat(names.get(1)).isEqualTo("validation 0.4377"));
    assertThat(loss.select("polyline")).hasSize(2);
    assertThat(loss.select("svg text").eachText()).contains("0", "500", "3000", "step");
    assertThat(page.select("#accuracy svg text").eachText()).contains("0 %", "100 %");
    assertThat(page.select("#accuracy circle")).hasSize(24);
    assertThat(page.select("#learning-rate svg text").eachText()).contains("0.002", "0.0005");
    for (Element line : page.select("polyline")) {
      for (String point : line.attr("points").split(" ", -1)) {
        String[] xy = point.split(",", -1);
        assertThat(Double.parseDouble(xy[0])).isBetween(58.0, 626.0);
        assertThat(Double.parseDouble(xy[1])).isBetween(12.0, 238.0);
      }
    }
  }

  @Test
  void operationsOfAProfiledRunStandInATable() {
    assertThat(page.select("#section-operations tbody tr").eachText())
        .containsExactly("elapid_conv2d 62 81.25 52.0 %", SampleReports.HOSTILE + " 4 3.50 2.0 %");
    Report without = empty(new RunHistory(List.of(), List.of(), List.of()));
    assertThat(Jsoup.parse(ReportPage.html(without)).select("#section-operations")).isEmpty();
  }

  @Test
  void longRunsAreThinnedAndBadNumbersLeftOut() {
    RunHistory history =
        new RunHistory(
            java.util.stream.IntStream.rangeClosed(1, 100_000)
                .mapToObj(i -> new StepPoint(i, i % 1000 == 0 ? Double.NaN : 1, 1e-3, 100))
                .toList(),
            List.of(new EpochPoint(1, 100_000, Double.POSITIVE_INFINITY, Double.NaN, Double.NaN)),
            List.of());
    String html = ReportPage.html(empty(history));
    assertThat(html).hasSizeLessThan(200_000).doesNotContain("NaN", "Infinity");
    Document thinned = Jsoup.parse(html);
    assertThat(thinned.select("#loss polyline")).hasSize(1);
    assertThat(thinned.select("#loss polyline").attr("points").split(" ", -1)).hasSize(600);
    assertThat(thinned.select("#accuracy").text()).contains("Nothing was recorded.");
    assertThat(thinned.select("header .tile").eachText())
        .contains("top-1 \u2013 of the validation split");
  }

  @Test
  void whereNothingWasToBeFoundThereIsNoPercentage() {
    double none = Double.NaN;
    EpochPoint boxes = new EpochPoint(1, 10, none, none, none, none, CocoResults.ABSENT, none);
    EpochPoint masks =
        new EpochPoint(1, 10, none, none, none, none, CocoResults.ABSENT, CocoResults.ABSENT);
    for (EpochPoint point : List.of(boxes, masks)) {
      Document bare =
          Jsoup.parse(ReportPage.html(empty(new RunHistory(List.of(), List.of(point), List.of()))));
      assertThat(bare.text()).doesNotContain("100");
      assertThat(bare.select("#accuracy").text()).contains("Nothing was recorded.");
      assertThat(bare.select("header .tile").eachText())
          .contains("AP \u2013 over overlaps from 0.5 to 0.95")
          .noneMatch(tile -> tile.startsWith("best"));
    }
  }

  @Test
  void aRunWithoutAnyRecordStillHasAPage() {
    Document bare =
        Jsoup.parse(ReportPage.html(empty(new RunHistory(List.of(), List.of(), List.of()))));
    assertThat(bare.select(".chart .none")).hasSize(4);
    assertThat(bare.select("section").eachAttr("id"))
        .containsExactly("section-curves", "section-facts");
  }

  @Test
  void fewClassesGiveAHeatMap() {
    Elements rows = page.select(".heat tbody tr");
    assertThat(rows).hasSize(10);
    assertThat(page.select(".heat thead span").eachText()).isEqualTo(SampleReports.names(10));
    for (int row = 0; row < 10; row++) {
      Elements cells = rows.get(row).select("td");
      assertThat(cells).hasSize(10);
      assertThat(cells.get(row).hasClass("hit")).isTrue();
      assertThat(
              cells.eachText().stream().filter(t -> !t.isEmpty()).mapToInt(Integer::parseInt).sum())
          .isEqualTo(50);
    }
    assertThat(page.select(".classes tbody tr")).hasSize(10);
  }

  @Test
  void manyClassesGiveTheWorstConfusionsAndTheLeastRecognisedFirst() {
    Document many = Jsoup.parse(ReportPage.html(SampleReports.of(120, 50)));
    assertThat(many.select(".heat")).isEmpty();
    List<Integer> counts =
        many.select(".confusions tbody tr td:eq(2)").eachText().stream()
            .map(Integer::valueOf)
            .toList();
    assertThat(counts).hasSize(25).isSortedAccordingTo(java.util.Comparator.reverseOrder());
    assertThat(many.select(".classes tbody tr")).hasSize(120);
    List<Double> recalls =
        many.select(".classes tbody td:eq(2)").eachText().stream()
            .map(text -> Double.valueOf(text.replace(" %", "")))
            .toList();
    assertThat(recalls).isSorted();
  }

  @Test
  void picturesCarryTheirAnswerAndWhetherItIsRight() throws IOException {
    Elements figures = page.select("#section-pictures figure");
    assertThat(figures).hasSize(16);
    assertThat(page.select("#section-pictures .wrong")).hasSize(3);
    assertThat(page.select("#section-pictures .wrong .mark").eachText().get(0))
        .isEqualTo("\u2717 is triangle");
    assertThat(figures.get(0).select(".mark").text()).isEqualTo("\u2713 right");
    assertThat(figures.get(15).className()).isEqualTo("open");
    String data =
        figures.get(0).select("img").attr("src").substring("data:image/png;base64,".length());
    assertThat(ImageIO.read(new ByteArrayInputStream(Base64.getDecoder().decode(data))).getWidth())
        .isEqualTo(112);
  }

  @Test
  void theTimeOfARankIsAddedUpOverAttempts() {
    assertThat(page.select("#section-facts .tile").eachText())
        .containsExactly("ranks 2 trained together", "restarts 1 from a checkpoint");
    assertThat(page.select("#section-facts .legend li").eachText())
        .first()
        .isEqualTo("computing 76.1 % (3 min 40 s)");
    assertThat(page.select("#section-facts .facts tr").eachText()).contains("parameters 6,679,458");
  }

  @Test
  void aPictureKeepsItsShapeWhenItShrinks() throws IOException {
    byte[] rgb = new byte[300 * 100 * 3];
    java.util.Arrays.fill(rgb, (byte) 200);
    Thumbnail small = Thumbnail.of(300, 100, rgb, 60);
    var image = ImageIO.read(new ByteArrayInputStream(small.bytes()));
    assertThat(image.getWidth()).isEqualTo(60);
    assertThat(image.getHeight()).isEqualTo(20);
    assertThat(image.getRGB(30, 10) & 0xffffff).isEqualTo(0xc8c8c8);
  }

  @Test
  void aNewPageReplacesTheOldOne() throws IOException {
    Path file = new Path(dir.resolve("report.html").toString());
    ReportPage.write(new Configuration(), file, SampleReports.of(3, 5));
    ReportPage.write(new Configuration(), file, SampleReports.of(4, 5));
    String text = Files.readString(dir.resolve("report.html"));
    assertThat(Jsoup.parse(text).select(".heat tbody tr")).hasSize(4);
    try (var files = Files.list(dir)) {
      assertThat(files.map(f -> f.getFileName().toString()).filter(n -> !n.endsWith(".crc")))
          .containsExactly("report.html");
    }
  }

  @Test
  void marksStandAtRoundNumbers() {
    assertThat(Axis.around(0.13, 2.37, 0, 100, 5).marks(5))
        .containsExactly(0.0, 0.5, 1.0, 1.5, 2.0, 2.5);
    assertThat(Axis.around(5, 5, 0, 100, 5).pixel(5)).isBetween(40.0, 60.0);
    assertThat(Axis.around(0, 0, 0, 100, 5).pixel(0)).isFinite();
    assertThat(
            List.of(
                Axis.label(0.1 + 0.2),
                Axis.label(2e-5),
                Axis.label(1.25e7),
                Axis.label(-1500),
                Axis.label(20_000)))
        .containsExactly("0.3", "2e-5", "1.25e7", "-1500", "20,000");
  }

  private static Report empty(RunHistory history) {
    return new Report(
        "t",
        "",
        history,
        Optional.empty(),
        List.of(),
        Report.RunFacts.of(history, Duration.ZERO, Map.of()),
        List.of(),
        "",
        Map.of());
  }
}
