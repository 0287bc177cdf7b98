package io.elapid.observe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Curves over a common axis as inline SVG: title, legend, grid and labelled marks. The values are
 * in the page as data too, so that a little script can show those under the pointer.
 */
final class LineChart {
  private static final int WIDTH = 640;
  private static final int HEIGHT = 280;
  private static final int LEFT = 58;
  private static final int RIGHT = 26;
  private static final int TOP = 12;
  private static final int BOTTOM = 42;
  private static final int MAX_POINTS = 600;
  private static final int DOT_LIMIT = 40;

  /** How numbers on the vertical axis read. */
  enum Unit {
    PLAIN,
    PERCENT
  }

  /** What stands beside a curve's name. */
  enum Legend {
    LAST_VALUE,
    NAME_ONLY
  }

  /**
   * One curve.
   *
   * @param style class of the curve in the style sheet: a, b or c
   */
  record Series(String name, String style, double[] xs, double[] ys) {
    Series {
      if (xs.length != ys.length) {
        throw new IllegalArgumentException("a curve needs as many x as y");
      }
    }

    boolean isEmpty() {
      return finite().xs.length == 0;
    }

    /** Without values that cannot be drawn. */
    Series finite() {
      List<double[]> kept = new ArrayList<>();
      for (int i = 0; i < xs.length; i++) {
        if (Double.isFinite(xs[i]) && Double.isFinite(ys[i])) {
          kept.add(new double[] {xs[i], ys[i]});
        }
      }
      return of(name, style, kept);
    }

    /** At most {@code limit} points, each the mean of its neighbours. */
    Series thinned(int limit) {
      if (xs.length <= limit) {
        return this;
      }
      List<double[]> kept = new ArrayList<>();
      for (int bucket = 0; bucket < limit; bucket++) {
        int from = (int) ((long) bucket * xs.length / limit);
        int to = (int) ((long) (bucket + 1) * xs.length / limit);
        double sum = 0;
        for (int i = from; i < to; i++) {
          sum += ys[i];
        }
        kept.add(new double[] {xs[to - 1], sum / (to - from)});
      }
      return of(name, style, kept);
    }

    static Series of(String name, String style, List<double[]> points) {
      return new Series(
          name,
          style,
          points.stream().mapToDouble(p -> p[0]).toArray(),
          points.stream().mapToDouble(p -> p[1]).toArray());
    }
  }

  private final String id;
  private final String title;
  private final String xLabel;
  private final Unit unit;
  private final Legend legend;
  private final List<Series> series;
  private final Axis x;
  private final Axis y;

  LineChart(String id, String title, String xLabel, Unit unit, List<Series> given) {
    this(id, title, xLabel, unit, Legend.LAST_VALUE, given);
  }

  LineChart(String id, String title, String xLabel, Unit unit, Legend legend, List<Series> given) {
    this.legend = legend;
    this.id = id;
    this.title = title;
    this.xLabel = xLabel;
    this.unit = unit;
    this.series =
        given.stream().filter(s -> !s.isEmpty()).map(s -> s.finite().thinned(MAX_POINTS)).toList();
    double[] xs = series.stream().flatMapToDouble(s -> Arrays.stream(s.xs())).toArray();
    double[] ys = series.stream().flatMapToDouble(s -> Arrays.stream(s.ys())).toArray();
    double maxX = Arrays.stream(xs).max().orElse(1);
    this.x = new Axis(0, maxX > 0 ? maxX : 1, LEFT, WIDTH - RIGHT);
    this.y = yAxis(ys);
  }

  private Axis yAxis(double[] ys) {
    double low = Arrays.stream(ys).min().orElse(0);
    double high = Arrays.stream(ys).max().orElse(1);
    // near zero the axis starts there: differences then look as large as they are
    double start = low > 0 && low < 0.6 * high ? 0 : low;
    return Axis.around(start, high, HEIGHT - BOTTOM, TOP, 5);
  }

  /** The chart as a figure; a sentence in its place if there is nothing to draw. */
  String html() {
    StringBuilder html = new StringBuilder();
    html.append(
        Html.format("<figure class=\"chart\" id=\"%s\"><figcaption>%s</figcaption>", id, title));
    if (series.isEmpty()) {
      return html.append("<p class=\"none\">Nothing was recorded.</p></figure>\n").toString();
    }
    legend(html);
    html.append(
        Html.format(
            "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n", WIDTH, HEIGHT, title));
    grid(html);
    series.forEach(s -> curve(html, s));
    html.append("<g class=\"hover\"></g></svg>\n");
    return html.append(data()).append("</figure>\n").toString();
  }

  private void legend(StringBuilder html) {
    html.append("<ul class=\"legend\">");
    for (Series s : series) {
      double last = s.ys()[s.ys().length - 1];
      html.append(
          Html.format(
              "<li><span class=\"key %s\"></span>%s <b>%s</b></li>",
              s.style(), s.name(), legend == Legend.LAST_VALUE ? text(last) : ""));
    }
    html.append("</ul>\n");
  }

  private void grid(StringBuilder html) {
    for (double mark : y.marks(5)) {
      double at = y.pixel(mark);
      html.append(line("grid", LEFT, at, WIDTH - RIGHT, at));
      html.append(label(LEFT - 8, at + 4, "end", axisText(mark)));
    }
    double bottom = HEIGHT - BOTTOM;
    for (double mark : x.marks(6)) {
      double at = x.pixel(mark);
      html.append(line("tick", at, bottom, at, bottom + 5));
      html.append(label(at, bottom + 19, "middle", Axis.label(mark)));
    }
    html.append(line("axis", LEFT, bottom, WIDTH - RIGHT, bottom));
    html.append(label((LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 6.0, "middle", xLabel));
  }

  private void curve(StringBuilder html, Series s) {
    StringBuilder points = new StringBuilder();
    for (int i = 0; i < s.xs().length; i++) {
      points.append(
          String.format(Locale.ROOT, "%.1f,%.1f ", x.pixel(s.xs()[i]), y.pixel(s.ys()[i])));
    }
    html.append(
        Html.format(
            "<polyline class=\"curve %s\" points=\"%s\"/>\n", s.style(), points.toString().trim()));
    if (s.xs().length <= DOT_LIMIT) {
      for (int i = 0; i < s.xs().length; i++) {
        html.append(
            Html.format(
                "<circle class=\"dot %s\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"/>",
                s.style(), x.pixel(s.xs()[i]), y.pixel(s.ys()[i])));
      }
    }
  }

  // numbers and our own names only, escaped all the same so that no text can end the element
  private String data() {
    StringBuilder json = new StringBuilder("<script type=\"application/json\">[");
    String between = "";
    for (Series s : series) {
      json.append(between);
      json.append(
          Html.format("{\"name\":\"%s\",\"style\":\"%s\",\"points\":[", s.name(), s.style()));
      for (int i = 0; i < s.xs().length; i++) {
        json.append(
            Html.format(
                "%s[%.1f,%.1f,\"%s\",\"%s\"]",
                i == 0 ? "" : ",",
                x.pixel(s.xs()[i]),
                y.pixel(s.ys()[i]),
                Axis.label(s.xs()[i]),
                text(s.ys()[i])));
      }
      json.append("]}");
      between = ",";
    }
    return json.append("]</script>").toString();
  }

  private String text(double value) {
    return unit == Unit.PERCENT ? Html.percent(value) : Html.number(value);
  }

  private String axisText(double value) {
    return unit == Unit.PERCENT ? Axis.label(100 * value) + " %" : Axis.label(value);
  }

  private static String line(String style, double x1, double y1, double x2, double y2) {
    return Html.format(
        "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n",
        style, x1, y1, x2, y2);
  }

  private static String label(double x, double y, String anchor, String text) {
    return Html.format(
        "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n", x, y, anchor, text);
  }
}
