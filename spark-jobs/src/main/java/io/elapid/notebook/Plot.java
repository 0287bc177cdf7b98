package io.elapid.notebook;

import io.elapid.observe.Axis;
import io.elapid.observe.Html;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** Curves and named points over two linear axes, as an SVG picture that needs no style sheet. */
final class Plot {
  private static final int WIDTH = 620;
  private static final int HEIGHT = 380;
  private static final int LEFT = 66;
  private static final int RIGHT = 20;
  private static final int TOP = 34;
  private static final int BOTTOM = 52;
  private static final int LEGEND = 20;
  private static final int MARKS = 6;
  private static final double LETTER = 6.8;
  private static final double LINE = 13;
  private static final List<String> COLORS =
      List.of("#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#17becf", "#8c564b");

  private record Curve(String name, double[] xs, double[] ys) {}

  private record Point(String name, String group, double x, double y) {}

  /** Where a word has been written. */
  private record Place(double x, double y, double width) {
    boolean meets(Place other) {
      return x < other.x + other.width && other.x < x + width && Math.abs(y - other.y) < LINE;
    }
  }

  private final String title;
  private final String xTitle;
  private final String yTitle;
  private final List<Curve> curves = new ArrayList<>();
  private final List<Point> points = new ArrayList<>();
  private final List<String> groups = new ArrayList<>();

  Plot(String title, String xTitle, String yTitle) {
    this.title = title;
    this.xTitle = xTitle;
    this.yTitle = yTitle;
  }

  /** Adds a curve; what is not finite is left out. */
  Plot curve(String name, double[] xs, double[] ys) {
    int[] drawn =
        IntStream.range(0, xs.length)
            .filter(i -> Double.isFinite(xs[i]) && Double.isFinite(ys[i]))
            .toArray();
    curves.add(
        new Curve(
            name,
            Arrays.stream(drawn).mapToDouble(i -> xs[i]).toArray(),
            Arrays.stream(drawn).mapToDouble(i -> ys[i]).toArray()));
    groups.add(name);
    return this;
  }

  /** Adds a point with its name beside it, in the colour of its group. */
  Plot point(String name, String group, double x, double y) {
    points.add(new Point(name, group, x, y));
    if (!groups.contains(group)) {
      groups.add(group);
    }
    return this;
  }

  String svg() {
    int rows = (groups.size() + 2) / 3;
    int height = HEIGHT + rows * LEGEND;
    Axis x = axis(all(0), LEFT, WIDTH - RIGHT);
    Axis y = axis(all(1), height - BOTTOM, TOP + rows * LEGEND);
    StringBuilder svg = new StringBuilder();
    svg.append(
        Html.format(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\""
                + " height=\"%d\" role=\"img\" aria-label=\"%s\" font-family=\"sans-serif\""
                + " font-size=\"12\" fill=\"#333\"><rect width=\"100%%\" height=\"100%%\""
                + " fill=\"#fff\"/><text x=\"%d\" y=\"20\" font-size=\"15\" font-weight=\"bold\">%s</text>",
            WIDTH, height, WIDTH, height, title, LEFT, title));
    legend(svg);
    grid(svg, x, y, height);
    curves.forEach(curve -> draw(svg, curve, x, y));
    draw(svg, x, y);
    return svg.append("</svg>").toString();
  }

  private double[] all(int axis) {
    return DoubleStream.concat(
            curves.stream().flatMapToDouble(c -> Arrays.stream(axis == 0 ? c.xs() : c.ys())),
            points.stream().mapToDouble(p -> axis == 0 ? p.x() : p.y()))
        .toArray();
  }

  private static Axis axis(double[] values, double from, double to) {
    double low = Arrays.stream(values).min().orElse(0);
    double high = Arrays.stream(values).max().orElse(1);
    // near zero the axis starts there: differences then look as large as they are
    return Axis.around(low > 0 && low < 0.6 * high ? 0 : low, high, from, to, MARKS);
  }

  private void legend(StringBuilder svg) {
    for (int i = 0; i < groups.size(); i++) {
      int left = LEFT + i % 3 * (WIDTH - LEFT - RIGHT) / 3;
      int top = TOP + i / 3 * LEGEND;
      svg.append(
          Html.format(
              "<rect x=\"%d\" y=\"%d\" width=\"12\" height=\"12\" fill=\"%s\"/>"
                  + "<text x=\"%d\" y=\"%d\">%s</text>",
              left, top, color(groups.get(i)), left + 18, top + 11, groups.get(i)));
    }
  }

  private String color(String group) {
    return COLORS.get(groups.indexOf(group) % COLORS.size());
  }

  private void grid(StringBuilder svg, Axis x, Axis y, int height) {
    for (double mark : x.marks(MARKS)) {
      svg.append(
          Html.format(
              "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#ddd\"/>"
                  + "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>",
              x.pixel(mark),
              x.pixel(mark),
              y.from(),
              y.to(),
              x.pixel(mark),
              height - BOTTOM + 17,
              Axis.label(mark)));
    }
    for (double mark : y.marks(MARKS)) {
      svg.append(
          Html.format(
              "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#ddd\"/>"
                  + "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>",
              x.from(),
              x.to(),
              y.pixel(mark),
              y.pixel(mark),
              LEFT - 6,
              y.pixel(mark) + 4,
              Axis.label(mark)));
    }
    double middle = (y.from() + y.to()) / 2;
    svg.append(
        Html.format(
            "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>"
                + "<text x=\"16\" y=\"%.1f\" text-anchor=\"middle\""
                + " transform=\"rotate(-90 16 %.1f)\">%s</text>",
            (x.from() + x.to()) / 2, height - 12, xTitle, middle, middle, yTitle));
  }

  private void draw(StringBuilder svg, Curve curve, Axis x, Axis y) {
    StringBuilder path = new StringBuilder();
    for (int i = 0; i < curve.xs().length; i++) {
      path.append(
          Html.format(
              "%s%.1f %.1f", i == 0 ? "M" : " L", x.pixel(curve.xs()[i]), y.pixel(curve.ys()[i])));
    }
    svg.append(
        Html.format(
            "<path d=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>",
            path.toString(), color(curve.name())));
  }

  private void draw(StringBuilder svg, Axis x, Axis y) {
    List<Place> taken = new ArrayList<>();
    for (Point point : points) {
      taken.add(new Place(x.pixel(point.x()) - 5, y.pixel(point.y()), 10));
    }
    for (Point point : points) {
      double px = x.pixel(point.x());
      double py = y.pixel(point.y());
      Place place = place(point.name(), px, py, y.to(), taken);
      taken.add(place);
      svg.append(
          Html.format(
              "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"5\" fill=\"%s\"/>"
                  + "<text x=\"%.1f\" y=\"%.1f\">%s</text>",
              px, py, color(point.group()), place.x(), place.y() + 4, point.name()));
    }
  }

  /** The first of some places beside a point where nothing is written yet. */
  private static Place place(String name, double x, double y, double top, List<Place> taken) {
    double width = name.length() * LETTER;
    List<Place> places =
        List.of(
            new Place(x - width / 2, y - LINE, width),
            new Place(x + 8, y, width),
            new Place(x - 8 - width, y, width),
            new Place(x - width / 2, y + LINE + 1, width),
            new Place(x + 8, y - LINE, width),
            new Place(x + 8, y + LINE, width),
            new Place(x - width / 2, y - 2 * LINE, width),
            new Place(x - width / 2, y + 2 * LINE, width));
    return places.stream()
        .filter(place -> place.x() > LEFT && place.x() + width < WIDTH - 4)
        .filter(place -> place.y() > top)
        .filter(place -> taken.stream().noneMatch(place::meets))
        .findFirst()
        .orElse(places.get(0));
  }
}
