package io.elapid.notebook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.elapid.data.InputException;
import io.elapid.notebook.ModelComparison.Row;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** What notes draw. */
final class ChartsTest {
  private static final ModelComparison MODELS =
      new ModelComparison(
          List.of(
              new Row("a_slow", 224, 5_000_000, 1, 20),
              new Row("a_fast", 224, 9_000_000, 1, 10),
              new Row("b_beaten", 224, 9_500_000, 1, 12),
              new Row("b_small", 224, 4_000_000, 1, 30)));

  @Test
  void tablesAreWhatZeppelinReads() {
    Display table =
        Display.table(List.of("name", "n"), List.of(List.of("with\ta tab", 1), List.of("b", 2.5)));
    assertThat(table).hasToString("%table name\tn\nwith a tab\t1\nb\t2.5\n");
  }

  @Test
  void curvesRunBetweenTheAxesAndLeaveOutWhatIsNotFinite() throws Exception {
    String svg =
        new Plot("A <title>", "update", "nats")
            .curve("x & y", new double[] {0, 50, 100}, new double[] {2, Double.NaN, 1})
            .svg();
    Document page = parsed(svg);
    assertThat(svg).doesNotContain("NaN");
    Element path = (Element) page.getElementsByTagName("path").item(0);
    assertThat(path.getAttribute("d")).matches("M66\\.0 \\d+\\.\\d L600\\.0 \\d+\\.\\d");
    assertThat(texts(page)).contains("A <title>", "update", "nats", "x & y", "100");
  }

  @Test
  void anEmptyPlotStillHasAxes() throws Exception {
    assertThat(
            texts(parsed(new Plot("t", "x", "y").curve("c", new double[0], new double[0]).svg())))
        .contains("t", "x", "y", "1");
  }

  @Test
  void namesOfNeighbouringPointsDoNotOverlap() throws Exception {
    Plot plot = new Plot("t", "x", "y").point("far_away", "b", 100, 100);
    for (int i = 0; i < 3; i++) {
      plot.point("neighbour_" + i, "a", 10 + i, 10);
    }
    NodeList found = parsed(plot.svg()).getElementsByTagName("text");
    for (int i = 0; i < found.getLength(); i++) {
      for (int j = 0; j < i; j++) {
        Element one = (Element) found.item(i);
        Element other = (Element) found.item(j);
        if (one.getTextContent().startsWith("neighbour")
            && other.getTextContent().startsWith("neighbour")) {
          double rows = Math.abs(number(one, "y") - number(other, "y"));
          double columns = Math.abs(number(one, "x") - number(other, "x"));
          assertThat(rows >= 12 || columns >= 70).isTrue();
        }
      }
    }
  }

  @Test
  void aLongNameAtTheRightEdgeLeavesItsNeighboursBeLegible() throws Exception {
    Plot plot =
        new Plot("t", "x", "y")
            .point("tinyvim_s", "a", 48.5, 5.9)
            .point("efficientvim_m4", "b", 45.7, 19.6)
            .point("efficientvim_nano", "b", 3.8, 1.5)
            .point("efficientvmamba_t", "c", 54.7, 6.5);
    List<Element> names = new ArrayList<>();
    NodeList found = parsed(plot.svg()).getElementsByTagName("text");
    for (int i = 0; i < found.getLength(); i++) {
      if (found.item(i).getTextContent().contains("_")) {
        names.add((Element) found.item(i));
      }
    }
    assertThat(names).hasSize(4);
    for (Element one : names) {
      for (Element other : names) {
        double apart = number(other, "x") - number(one, "x");
        boolean beside = apart >= 6 * one.getTextContent().length();
        boolean lines = Math.abs(number(one, "y") - number(other, "y")) >= 12;
        assertThat(one == other || apart < 0 || beside || lines).isTrue();
      }
    }
  }

  @Test
  void heatMapsAreDarkWhereValuesAreLowAndBrightWhereTheyAreHigh() throws Exception {
    String svg =
        new HeatMap(
                "t",
                2,
                3,
                new double[] {-5, 0, 0, 0, 0, 9},
                -1,
                1,
                new HeatMap.Ticks("0", "1", "2"),
                "pixels",
                "unit")
            .svg();
    assertThat(texts(parsed(svg))).contains("t", "pixels", "unit", "-1", "1");
    Matcher data = Pattern.compile("data:image/png;base64,([^\"]+)").matcher(svg);
    assertThat(data.find()).isTrue();
    BufferedImage picture =
        ImageIO.read(new ByteArrayInputStream(Base64.getDecoder().decode(data.group(1))));
    assertThat(picture.getWidth()).isEqualTo(3);
    assertThat(picture.getHeight()).isEqualTo(2);
    assertThat(picture.getRGB(0, 0) & 0xFFFFFF).isEqualTo(0x000004);
    assertThat(picture.getRGB(2, 1) & 0xFFFFFF).isEqualTo(0xFCFFA4);
  }

  @Test
  void theFrontHoldsWhatNothingElseBeatsInBoth() {
    assertThat(MODELS.smallAndFast()).containsExactly("a_fast", "a_slow", "b_small");
    assertThat(MODELS.sizePareto().body()).contains("b_beaten");
  }

  @Test
  void accuraciesAreReadOrRefusedWithTheWayOut() {
    assertThat(MODELS.accuracyPareto("a_fast=70, b_beaten = 80").body())
        .contains("a_fast", "b_beaten")
        .doesNotContain("b_small");
    assertThatThrownBy(() -> MODELS.accuracyPareto("a_fast"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("a_fast");
    assertThatThrownBy(() -> MODELS.accuracyPareto("c=1"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("'c'");
  }

  private static double number(Element element, String name) {
    return Double.parseDouble(element.getAttribute(name));
  }

  private static List<String> texts(Document page) {
    NodeList found = page.getElementsByTagName("text");
    return IntStream.range(0, found.getLength())
        .mapToObj(i -> found.item(i).getTextContent())
        .toList();
  }

  private static Document parsed(String svg) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
  }
}
