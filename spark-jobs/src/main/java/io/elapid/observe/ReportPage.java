package io.elapid.observe;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.elapid.observe.Report.RunFacts;
import io.elapid.task.evaluation.CocoResults;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * A run on one page: a single HTML file that loads nothing from anywhere, reads well without
 * scripts, and follows the reader's light or dark setting.
 */
public final class ReportPage {
  private ReportPage() {}

  /** Writes the page, replacing an older one only when the new one is complete. */
  public static void write(Configuration conf, Path file, Report report) throws IOException {
    write(conf, file, report, List.of());
  }

  /** The same with parts that only some tasks have, shown after the course of training. */
  public static void write(
      Configuration conf, Path file, Report report, List<ReportSection> sections)
      throws IOException {
    FileSystem fs = file.getFileSystem(conf);
    Path temporary = new Path(file.getParent(), "_writing-" + file.getName());
    try (OutputStream out = fs.create(temporary, true)) {
      out.write(html(report, sections).getBytes(UTF_8));
    }
    fs.delete(file, false);
    if (!fs.rename(temporary, file)) {
      throw new IOException("cannot rename %s to %s".formatted(temporary, file));
    }
  }

  /** The page as text. */
  public static String html(Report report) {
    return html(report, List.of());
  }

  static String html(Report report, List<ReportSection> sections) {
    StringBuilder html = new StringBuilder(1 << 16);
    html.append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n");
    html.append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    html.append(Html.format("<title>%s</title>\n", report.title()));
    html.append("<style>\n")
        .append(resource("report.css"))
        .append("</style></head>\n<body><main>\n");
    header(html, report);
    curves(html, report.history());
    report.confusion().ifPresent(confusion -> confusion(html, confusion));
    sections.forEach(section -> html.append(section.html()));
    pictures(html, report.pictures());
    facts(html, report.facts());
    operations(html, report.operations());
    if (!report.recipe().isBlank()) {
      open(html, "recipe", "Recipe");
      html.append(Html.format("<pre>%s</pre></section>\n", report.recipe().strip()));
    }
    if (!report.provenance().isEmpty()) {
      open(html, "provenance", "Provenance");
      table(html, report.provenance());
      html.append("</section>\n");
    }
    html.append("</main>\n<script>\n")
        .append(resource("report.js"))
        .append("</script></body></html>\n");
    return html.toString();
  }

  private static void header(StringBuilder html, Report report) {
    html.append(Html.format("<header><h1>%s</h1>", report.title()));
    if (!report.subtitle().isBlank()) {
      html.append(Html.format("<p>%s</p>", report.subtitle()));
    }
    html.append("<div class=\"tiles\">");
    RunHistory history = report.history();
    history
        .last()
        .ifPresent(
            last -> {
              if (last.ofObjects()) {
                tile(html, "AP", precision(last.ap()), "over overlaps from 0.5 to 0.95");
                if (last.hasMasks()) {
                  tile(html, "AP of masks", precision(last.maskAp()), "over the same overlaps");
                }
              } else if (!last.ofPixels()) {
                tile(html, "top-1", Html.percent(last.top1()), "of the validation split");
                tile(html, "top-5", Html.percent(last.top5()), "right answer among the best five");
                tile(
                    html,
                    "loss",
                    Html.number(last.loss()),
                    "cross-entropy on the validation split");
              } else {
                tile(html, "mIoU", Html.percent(last.miou()), "over the classes of pixels");
              }
            });
    history
        .best()
        .ifPresent(
            best ->
                tile(
                    html,
                    "best",
                    Html.percent(best.headline()),
                    best.headlineName() + " after epoch " + best.epoch()));
    tile(html, "time", Durations.text(report.facts().duration()), throughput(report.facts()));
    html.append("</div></header>\n");
  }

  /** A dash where there was nothing to be found. */
  private static String precision(double value) {
    return Html.percent(value == CocoResults.ABSENT ? Double.NaN : value);
  }

  private static String throughput(RunFacts facts) {
    return Double.isNaN(facts.samplesPerSecond())
        ? "from start to end"
        : String.format(Locale.ROOT, "%,.0f samples per second", facts.samplesPerSecond());
  }

  private static void tile(StringBuilder html, String label, String value, String note) {
    html.append(
        Html.format(
            "<div class=\"tile\"><span>%s</span> <b>%s</b> <small>%s</small></div>\n",
            label, value, note));
  }

  private static void curves(StringBuilder html, RunHistory history) {
    open(html, "curves", "Course of training");
    html.append(Curves.html(history)).append("</section>\n");
  }

  private static void confusion(StringBuilder html, Report.Confusion confusion) {
    ConfusionView view = new ConfusionView(confusion);
    open(html, "confusion", "What was taken for what");
    html.append(view.html()).append("</section>\n");
    open(html, "classes", "Classes");
    html.append(view.perClass()).append("</section>\n");
  }

  private static void pictures(StringBuilder html, List<Report.Picture> pictures) {
    if (pictures.isEmpty()) {
      return;
    }
    open(html, "pictures", "Pictures and answers");
    html.append("<div class=\"grid\">\n");
    for (Report.Picture picture : pictures) {
      html.append(
          Html.format(
              "<figure class=\"%s\"><img src=\"%s\" alt=\"%s\"><figcaption><b>%s</b>"
                  + " %s%s</figcaption></figure>\n",
              verdict(picture),
              picture.image().dataUri(),
              picture.truth().orElse("unlabelled picture"),
              picture.answer(),
              Html.percent(picture.probability()),
              new Html.Raw(mark(picture))));
    }
    html.append("</div></section>\n");
  }

  private static String verdict(Report.Picture picture) {
    if (picture.truth().isEmpty()) {
      return "open";
    }
    return picture.right() ? "right" : "wrong";
  }

  private static String mark(Report.Picture picture) {
    if (picture.truth().isEmpty()) {
      return "";
    }
    return picture.right()
        ? "<span class=\"mark\">\u2713 right</span>"
        : Html.format("<span class=\"mark\">\u2717 is %s</span>", picture.truth().get());
  }

  private static void facts(StringBuilder html, RunFacts facts) {
    open(html, "facts", "How it ran");
    html.append("<div class=\"tiles\">");
    tile(html, "ranks", Integer.toString(facts.ranks()), "trained together");
    tile(html, "restarts", Integer.toString(facts.restarts()), "from a checkpoint");
    html.append("</div>\n");
    spent(html, facts.spent());
    if (!facts.more().isEmpty()) {
      table(html, facts.more());
    }
    html.append("</section>\n");
  }

  private static void operations(StringBuilder html, List<OperationTime> operations) {
    if (operations.isEmpty()) {
      return;
    }
    open(html, "operations", "Time by kind of operation");
    html.append("<div class=\"scroll\"><table><thead><tr><th scope=\"col\">operation</th>");
    html.append("<th scope=\"col\">calls</th><th scope=\"col\">ms</th>");
    html.append("<th scope=\"col\">of the step</th></tr></thead><tbody>\n");
    for (OperationTime operation : operations) {
      html.append(
          Html.format(
              "<tr><th scope=\"row\">%s</th><td>%.0f</td><td>%.2f</td><td>%s</td></tr>\n",
              operation.kind(),
              operation.calls(),
              operation.millis(),
              Html.percent(operation.share())));
    }
    html.append("</tbody></table></div></section>\n");
  }

  private static void spent(StringBuilder html, Map<String, Duration> spent) {
    double total = spent.values().stream().mapToDouble(Duration::toMillis).sum();
    if (total <= 0) {
      return;
    }
    html.append("<h3>Where the time of a rank went</h3><div class=\"split\" aria-hidden=\"true\">");
    int part = 0;
    for (Duration time : spent.values()) {
      html.append(
          Html.format(
              "<span class=\"part%d\" style=\"flex-grow:%.4f\"></span>",
              part++, time.toMillis() / total));
    }
    html.append("</div><ul class=\"legend\">");
    part = 0;
    for (Map.Entry<String, Duration> entry : spent.entrySet()) {
      html.append(
          Html.format(
              "<li><span class=\"key part%d\"></span>%s <b>%s</b> (%s)</li>",
              part++,
              entry.getKey(),
              Html.percent(entry.getValue().toMillis() / total),
              Durations.text(entry.getValue())));
    }
    html.append("</ul>\n");
  }

  private static void table(StringBuilder html, Map<String, String> rows) {
    html.append("<div class=\"scroll\"><table class=\"facts\"><tbody>");
    rows.forEach(
        (name, value) ->
            html.append(
                Html.format("<tr><th scope=\"row\">%s</th><td>%s</td></tr>\n", name, value)));
    html.append("</tbody></table></div>\n");
  }

  private static void open(StringBuilder html, String id, String title) {
    html.append(Html.format("<section id=\"section-%s\"><h2>%s</h2>\n", id, title));
  }

  /** A file beside this class, as text. */
  static String resource(String name) {
    try (InputStream in = ReportPage.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
