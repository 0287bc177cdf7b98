package io.elapid.observe;

import io.elapid.observe.LineChart.Legend;
import io.elapid.observe.LineChart.Series;
import io.elapid.observe.LineChart.Unit;
import io.elapid.task.evaluation.CocoResults;
import io.elapid.task.evaluation.CocoResults.ClassResult;
import io.elapid.task.evaluation.IouType;
import io.elapid.task.evaluation.SegmentationMetrics;
import io.elapid.task.evaluation.SegmentationMetrics.AbsentClasses;
import java.util.List;
import java.util.Locale;

/** A part of a report page that only some tasks have. */
public final class ReportSection {
  private static final int AP50 = 0;
  private static final int AP75 = 5;
  private static final int AP90 = 8;

  private final String id;
  private final String title;
  private final String body;

  private ReportSection(String id, String title, String body) {
    this.id = id;
    this.title = title;
    this.body = body;
  }

  /**
   * A sample twice.
   *
   * @param name of the sample
   * @param truth with what is annotated
   * @param predicted with what the network found
   */
  public record Pair(String name, Thumbnail truth, Thumbnail predicted) {}

  /**
   * How well objects were found: the twelve numbers, precision against recall, and every class.
   *
   * @param names of classes by index
   */
  public static ReportSection detection(List<String> names, CocoResults results) {
    requireNames(names, results.classes().size());
    boolean boxes = results.type() == IouType.BBOX;
    String id = boxes ? "boxes" : "masks";
    StringBuilder html = new StringBuilder("<div class=\"tiles\">");
    results.named().forEach((name, value) -> tile(html, name, value));
    html.append("</div>\n<div class=\"charts\">");
    html.append(
        new LineChart(
                id + "-precision",
                "Precision at each recall, mean over classes",
                "recall",
                Unit.PERCENT,
                Legend.NAME_ONLY,
                List.of(
                    curve("overlap 0.5", "a", results, AP50),
                    curve("overlap 0.75", "b", results, AP75),
                    curve("overlap 0.9", "c", results, AP90)))
            .html());
    html.append("</div>\n<div class=\"scroll tall\"><table class=\"classes\"><thead><tr>");
    html.append("<th>class</th><th class=\"n\">objects</th><th class=\"n\">AP</th>");
    html.append("<th class=\"n\">AP50</th><th class=\"n\">AP75</th>");
    html.append("<th class=\"n\">found at 0.5</th></tr></thead><tbody>\n");
    for (int label = 0; label < names.size(); label++) {
      ClassResult one = results.classes().get(label);
      html.append(
          Html.format(
              "<tr><td>%s</td><td class=\"n\">%d</td>%s%s%s%s</tr>\n",
              names.get(label),
              one.objects(),
              bar(one.ap()),
              bar(one.apPerIou()[AP50]),
              bar(one.apPerIou()[AP75]),
              bar(one.recallPerIou()[AP50])));
    }
    html.append("</tbody></table></div>\n");
    String title = boxes ? "Boxes" : "Masks";
    return new ReportSection(id, title, html.toString());
  }

  private static Series curve(String name, String style, CocoResults results, int t) {
    double[] precision = results.precision(t);
    boolean absent = precision[0] == CocoResults.ABSENT;
    return new Series(
        name,
        style,
        absent ? new double[0] : CocoResults.recalls(),
        absent ? new double[0] : precision);
  }

  /**
   * How well pixels were told: means by both conventions, every class, and what was taken for what.
   *
   * @param names of classes by index
   */
  public static ReportSection segmentation(List<String> names, SegmentationMetrics metrics) {
    requireNames(names, metrics.classes());
    StringBuilder html = new StringBuilder("<div class=\"tiles\">");
    tile(html, "mIoU", metrics.meanIou(AbsentClasses.SKIPPED));
    tile(html, "mAcc", metrics.meanAccuracy(AbsentClasses.SKIPPED));
    tile(html, "aAcc", metrics.pixelAccuracy());
    tile(html, "mIoU, absent classes 0", metrics.meanIou(AbsentClasses.ZERO));
    html.append("</div>\n<h3>Classes</h3>\n");
    html.append("<div class=\"scroll tall\"><table class=\"classes\"><thead><tr><th>class</th>");
    html.append("<th class=\"n\">pixels</th><th class=\"n\">IoU</th>");
    html.append("<th class=\"n\">recognised</th></tr></thead><tbody>\n");
    for (int label = 0; label < names.size(); label++) {
      html.append(
          Html.format(
              "<tr><td>%s</td><td class=\"n\">%,d</td>%s%s</tr>\n",
              names.get(label),
              metrics.labelled(label),
              bar(metrics.iou(label)),
              bar(metrics.accuracy(label))));
    }
    html.append("</tbody></table></div>\n<h3>What was taken for what, in pixels</h3>\n");
    html.append(new ConfusionView(new Report.Confusion(names, metrics.confusion())).html());
    return new ReportSection("labels", "Labels", html.toString());
  }

  /** Pictures with ground truth beside prediction. */
  public static ReportSection pairs(List<Pair> pairs) {
    StringBuilder html =
        new StringBuilder("<p class=\"note\">Left: annotated. Right: predicted.</p>");
    html.append("<div class=\"pairs\">\n");
    for (Pair pair : pairs) {
      html.append(
          Html.format(
              "<figure><img src=\"%s\" alt=\"annotated\"><img src=\"%s\" alt=\"predicted\">"
                  + "<figcaption>%s</figcaption></figure>\n",
              pair.truth().dataUri(), pair.predicted().dataUri(), pair.name()));
    }
    html.append("</div>\n");
    return new ReportSection("pairs", "Ground truth beside prediction", html.toString());
  }

  private static void requireNames(List<String> names, int classes) {
    if (names.size() != classes) {
      throw new IllegalArgumentException(
          "%d names for %d classes".formatted(names.size(), classes));
    }
  }

  private static void tile(StringBuilder html, String name, double share) {
    html.append(
        Html.format("<div class=\"tile\"><span>%s</span> <b>%s</b></div>\n", name, percent(share)));
  }

  private static Html.Raw bar(double share) {
    boolean present = share >= 0;
    return new Html.Raw(
        String.format(
            Locale.ROOT,
            "<td class=\"n bar good\" style=\"--share:%.3f\">%s</td>",
            present ? share : 0,
            percent(share)));
  }

  /** A dash for what there was nothing of. */
  private static String percent(double share) {
    return Html.percent(share >= 0 ? share : Double.NaN);
  }

  String html() {
    return Html.format("<section id=\"section-%s\"><h2>%s</h2>\n", id, title)
        + body
        + "</section>\n";
  }
}
