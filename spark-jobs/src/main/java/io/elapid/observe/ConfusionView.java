package io.elapid.observe;

import io.elapid.task.classification.ConfusionMatrix;
import io.elapid.task.classification.ConfusionMatrix.Cell;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** What was taken for what: a heat map for few classes, the worst confusions for many. */
final class ConfusionView {
  private static final int MAP_LIMIT = 40;
  private static final int COUNT_LIMIT = 20;
  private static final long LONGEST_COUNT = 99_999;
  private static final int WORST = 25;

  private final List<String> names;
  private final ConfusionMatrix matrix;

  ConfusionView(Report.Confusion confusion) {
    this.names = confusion.names();
    this.matrix = confusion.matrix();
  }

  String html() {
    return matrix.classes() <= MAP_LIMIT ? map() : worst();
  }

  private String map() {
    StringBuilder html = new StringBuilder();
    html.append(
        "<p class=\"note\">Rows are true classes, columns answers; shades are shares of a"
            + " row.</p>");
    String dense = matrix.classes() > COUNT_LIMIT ? " dense" : "";
    html.append(
        Html.format("<div class=\"scroll\"><table class=\"heat%s\"><thead><tr><th></th>", dense));
    names.forEach(name -> html.append(Html.format("<th><span>%s</span></th>", name)));
    html.append("</tr></thead><tbody>\n");
    for (int t = 0; t < matrix.classes(); t++) {
      html.append(Html.format("<tr><th scope=\"row\">%s</th>", names.get(t)));
      for (int p = 0; p < matrix.classes(); p++) {
        html.append(cell(t, p));
      }
      html.append("</tr>\n");
    }
    return html.append("</tbody></table></div>\n").toString();
  }

  private String cell(int t, int p) {
    long count = matrix.count(t, p);
    double share = count == 0 ? 0 : (double) count / matrix.support(t);
    boolean fits = matrix.classes() <= COUNT_LIMIT && count <= LONGEST_COUNT;
    String text = count > 0 && fits ? Long.toString(count) : "";
    return Html.format(
        "<td class=\"%s%s\" style=\"--share:%.3f\" title=\"%s taken for %s: %d (%s)\">%s</td>",
        t == p ? "hit" : "miss",
        share > 0.5 ? " deep" : "",
        share == 0 ? 0 : 0.14 + 0.86 * share,
        names.get(t),
        names.get(p),
        count,
        Html.percent(share),
        text);
  }

  /** Of its true class. */
  private double share(Cell cell) {
    return (double) cell.count() / matrix.support(cell.trueClass());
  }

  private String worst() {
    List<Cell> mistakes =
        matrix
            .cells()
            .filter(cell -> cell.trueClass() != cell.predictedClass())
            .sorted(
                Comparator.comparingLong(Cell::count).thenComparingDouble(this::share).reversed())
            .toList();
    StringBuilder html = new StringBuilder();
    html.append(
        Html.format(
            "<p class=\"note\">The %d most frequent confusions of %d classes.</p>",
            Math.min(WORST, mistakes.size()), matrix.classes()));
    html.append(
        "<div class=\"scroll\"><table class=\"confusions\"><thead><tr><th>true class</th><th>taken"
            + " for</th>");
    html.append(
        "<th class=\"n\">samples</th><th class=\"n\">of the class</th></tr></thead><tbody>\n");
    for (Cell mistake : mistakes.subList(0, Math.min(WORST, mistakes.size()))) {
      html.append(
          Html.format(
              "<tr><td>%s</td><td>%s</td><td class=\"n\">%d</td>%s</tr>\n",
              names.get(mistake.trueClass()),
              names.get(mistake.predictedClass()),
              mistake.count(),
              new Html.Raw(bar("warn", share(mistake)))));
    }
    return html.append("</tbody></table></div>\n").toString();
  }

  /** Recall and precision of every class; of many classes the least recognised come first. */
  String perClass() {
    Comparator<Integer> order =
        matrix.classes() <= MAP_LIMIT
            ? Comparator.naturalOrder()
            : Comparator.comparingDouble(matrix::recall);
    StringBuilder html = new StringBuilder();
    html.append(
        "<div class=\"scroll tall\"><table class=\"classes\"><thead><tr><th>class</th><th"
            + " class=\"n\">samples</th>");
    html.append(
        "<th class=\"n\">recognised</th><th class=\"n\">answers right</th></tr></thead><tbody>\n");
    IntStream.range(0, matrix.classes())
        .boxed()
        .sorted(order)
        .forEach(
            c ->
                html.append(
                    Html.format(
                        "<tr><td>%s</td><td class=\"n\">%d</td>%s%s</tr>\n",
                        names.get(c),
                        matrix.support(c),
                        new Html.Raw(bar("good", matrix.recall(c))),
                        new Html.Raw(bar("good", matrix.precision(c))))));
    return html.append("</tbody></table></div>\n").toString();
  }

  private static String bar(String style, double share) {
    return Html.format(
        "<td class=\"n bar %s\" style=\"--share:%.3f\">%s</td>",
        style, Double.isNaN(share) ? 0 : share, Html.percent(share));
  }
}
