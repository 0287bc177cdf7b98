package io.elapid.observe;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.elapid.observe.DatasetReport.Bar;
import io.elapid.observe.DatasetReport.Shown;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** A data set on one page: a single HTML file that loads nothing from anywhere. */
public final class DatasetPage {
  private static final int PLOT = 420;
  private static final int MARGIN = 44;

  private DatasetPage() {}

  /** Writes the page, replacing an older one only when the new one is complete. */
  public static void write(Configuration conf, Path file, DatasetReport report) throws IOException {
    FileSystem fs = file.getFileSystem(conf);
    Path temporary = new Path(file.getParent(), "_writing-" + file.getName());
    try (OutputStream out = fs.create(temporary, true)) {
      out.write(html(report).getBytes(UTF_8));
    }
    fs.delete(file, false);
    if (!fs.rename(temporary, file)) {
      throw new IOException("cannot rename %s to %s".formatted(temporary, file));
    }
  }

  static String html(DatasetReport report) {
    StringBuilder html = new StringBuilder(1 << 20);
    html.append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n");
    html.append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    html.append(Html.format("<title>%s</title>\n", report.title()));
    html.append("<style>\n").append(ReportPage.resource("report.css"));
    html.append(ReportPage.resource("dataset.css")).append("</style></head>\n<body><main>\n");
    html.append(Html.format("<header><h1>%s</h1><p>%s</p>", report.title(), report.subtitle()));
    html.append("<div class=\"tiles\">");
    report
        .facts()
        .forEach(
            (name, value) ->
                html.append(
                    Html.format(
                        "<div class=\"tile\"><span>%s</span><b>%s</b></div>", name, value)));
    html.append("</div></header>\n");
    pictures(html, report.pictures());
    augmented(html, report);
    classes(html, report);
    sizes(html, report.sizes());
    return html.append("</main></body></html>\n").toString();
  }

  private static void pictures(StringBuilder html, List<Shown> pictures) {
    html.append("<section id=\"section-shown\"><h2>Pictures</h2><div class=\"sheet\">\n");
    for (Shown shown : pictures) {
      html.append("<figure>").append(image(shown.painted()));
      html.append(
          Html.format(
              "<figcaption><b>%s</b><span>%s</span><span>%s</span>",
              shown.classes(), shown.size(), shown.id()));
      key(html, shown.key());
      html.append("</figcaption></figure>\n");
    }
    html.append("</div></section>\n");
  }

  private static void key(StringBuilder html, List<Bar> key) {
    for (Bar label : key) {
      html.append(
          Html.format(
              "<span class=\"key\"><i style=\"background:#%06x\"></i>%s</span>",
              label.color(), label.name()));
    }
  }

  private static void augmented(StringBuilder html, DatasetReport report) {
    html.append("<section id=\"section-augmented\"><h2>After augmentation</h2>");
    html.append(
        "<p class=\"note\">Left: as stored. Right: what training would see, each time with other"
            + " draws.</p><ol class=\"steps\">");
    report.transforms().forEach(step -> html.append(Html.format("<li>%s</li>", step)));
    html.append("</ol>\n");
    for (Shown shown : report.pictures()) {
      if (!shown.augmented().isEmpty()) {
        html.append("<div class=\"strip\">").append(image(shown.painted()));
        shown.augmented().forEach(view -> html.append(image(view)));
        html.append("</div>\n");
      }
    }
    html.append("</section>\n");
  }

  private static String image(Thumbnail picture) {
    return "<img alt=\"\" src=\"" + picture.dataUri() + "\">";
  }

  private static void classes(StringBuilder html, DatasetReport report) {
    long most = Math.max(1, report.bars().stream().mapToLong(Bar::count).max().orElse(1));
    html.append("<section id=\"section-classes\"><h2>Classes</h2><div class=\"tall\">");
    html.append("<table class=\"histogram\"><thead><tr><th>class</th>");
    html.append(Html.format("<th class=\"n\">%s</th><th></th></tr></thead>", report.counted()));
    html.append("<tbody>\n");
    for (Bar bar : report.bars()) {
      html.append(
          Html.format(
              "<tr><th scope=\"row\">%s</th><td class=\"n\">%,d</td>"
                  + "<td><i style=\"width:%.2f%%;background:#%06x\"></i></td></tr>\n",
              bar.name(), bar.count(), 100.0 * bar.count() / most, bar.color()));
    }
    html.append("</tbody></table></div></section>\n");
  }

  private static void sizes(StringBuilder html, List<int[]> sizes) {
    int largest = Math.max(1, sizes.stream().mapToInt(s -> Math.max(s[0], s[1])).max().orElse(1));
    html.append("<section id=\"section-sizes\"><h2>Sizes</h2><div class=\"sizes\">");
    html.append(
        Html.format(
            "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"width against height\">",
            PLOT + 2 * MARGIN, PLOT + 2 * MARGIN));
    for (int i = 0; i <= 4; i++) {
      int at = MARGIN + PLOT * i / 4;
      int mirrored = MARGIN + PLOT - PLOT * i / 4;
      int end = MARGIN + PLOT;
      html.append(
          Html.format(
              "<line class=\"grid\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>"
                  + "<line class=\"grid\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>"
                  + "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%d</text>"
                  + "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%d</text>",
              at,
              MARGIN,
              at,
              end,
              MARGIN,
              at,
              end,
              at,
              at,
              end + 18,
              largest * i / 4,
              MARGIN - 6,
              mirrored + 4,
              largest * i / 4));
    }
    for (int[] size : sizes) {
      html.append(
          Html.format(
              "<circle class=\"spot\" cx=\"%.1f\" cy=\"%.1f\" r=\"4\"/>",
              MARGIN + (double) PLOT * size[0] / largest,
              MARGIN + PLOT - (double) PLOT * size[1] / largest));
    }
    html.append("<text x=\"")
        .append(MARGIN + PLOT / 2)
        .append("\" y=\"")
        .append(PLOT + 2 * MARGIN - 4);
    html.append(
        "\" text-anchor=\"middle\">width</text><text x=\"6\" y=\"24\">height</text></svg>\n");
    html.append("<table class=\"facts\"><thead><tr><th></th><th class=\"n\">width</th>");
    html.append("<th class=\"n\">height</th></tr></thead><tbody>");
    quantile(html, "smallest", sizes, 0);
    quantile(html, "5 % are below", sizes, 0.05);
    quantile(html, "median", sizes, 0.5);
    quantile(html, "95 % are below", sizes, 0.95);
    quantile(html, "largest", sizes, 1);
    html.append("</tbody></table></div></section>\n");
  }

  private static void quantile(StringBuilder html, String name, List<int[]> sizes, double share) {
    html.append(Html.format("<tr><th scope=\"row\">%s</th>", name));
    for (int axis = 0; axis < 2; axis++) {
      int side = axis;
      int[] sorted = sizes.stream().mapToInt(s -> s[side]).sorted().toArray();
      int value = sorted.length == 0 ? 0 : sorted[(int) Math.round(share * (sorted.length - 1))];
      html.append(Html.format("<td class=\"n\">%,d</td>", value));
    }
    html.append("</tr>\n");
  }
}
