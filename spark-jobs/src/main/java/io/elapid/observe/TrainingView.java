package io.elapid.observe;

import io.elapid.observe.LiveRun.Mishap;
import io.elapid.observe.LiveRun.Moment;
import io.elapid.observe.LiveRun.State;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * A run as a part of somebody else's page: numbers, curves, where each rank's time goes, what went
 * wrong, the recipe. Brings its own style, which touches nothing outside of it, and a script that
 * replaces it by a newer one while the run lasts.
 */
public final class TrainingView {
  /** So many ranks are listed, those with most work of their own first. */
  private static final int LISTED_RANKS = 64;

  private static final DateTimeFormatter SECONDS_OF_UTC =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private TrainingView() {}

  /** The part as HTML. */
  public static String html(LiveRun run) {
    Moment now = run.now();
    StringBuilder html = new StringBuilder(1 << 16);
    html.append("<style>\n").append(ReportPage.resource("training.css")).append("</style>\n");
    html.append(
        Html.format(
            "<div class=\"elapid\" id=\"elapid-training\" data-state=\"%s\" data-step=\"%.0f\">\n",
            now.state().name().toLowerCase(Locale.ROOT), now.gauges().done()));
    summary(html, now);
    section(html, "curves", "Course of training", Curves.html(now.history()));
    section(html, "ranks", "Where each rank's time goes", ranks(now.ranks()));
    section(html, "failures", "Failures and restarts", mishaps(now));
    if (!now.recipe().isEmpty()) {
      section(
          html,
          "recipe",
          "Recipe",
          Html.format(
              "<details><summary>as resolved for this run</summary><pre>%s</pre></details>",
              now.recipe().strip()));
    }
    return html.append("</div>\n<script>\n")
        .append(ReportPage.resource("report.js"))
        .append(ReportPage.resource("training.js"))
        .append("</script>\n")
        .toString();
  }

  private static void section(StringBuilder html, String id, String title, String content) {
    html.append(
        Html.format(
            "<section id=\"training-%s\"><h4>%s</h4>\n%s</section>\n",
            id, title, new Html.Raw(content)));
  }

  private static void summary(StringBuilder html, Moment now) {
    RunGauges gauges = now.gauges();
    html.append(
        Html.format(
            "<p class=\"about\"><b>%s</b> %s on %s</p>\n<div class=\"tiles\">",
            now.about().getOrDefault("name", "no run yet"),
            now.about().getOrDefault("model", ""),
            now.about().getOrDefault("data", "")));
    tile(html, "state", now.state().words(), now.message());
    tile(
        html,
        "step",
        String.format(Locale.ROOT, "%,.0f", gauges.done()),
        Double.isNaN(gauges.totalSteps())
            ? ""
            : String.format(Locale.ROOT, "of %,.0f", gauges.totalSteps()));
    tile(html, "loss", Html.number(gauges.loss()), "since the report before");
    tile(html, "samples/s", Html.number(gauges.samplesPerSecond()), "over all ranks");
    now.history()
        .best()
        .ifPresent(
            best ->
                tile(
                    html,
                    "best " + best.headlineName(),
                    Html.percent(best.headline()),
                    "after epoch " + best.epoch()));
    tile(html, "waiting for sums", Html.percent(gauges.syncShare()), "of rank 0's time");
    tile(html, "waiting for data", Html.percent(gauges.loaderWaitShare()), "of rank 0's time");
    tile(html, "restarts", Integer.toString(now.restarts()), "from a checkpoint");
    html.append("</div>\n");
  }

  private static void tile(StringBuilder html, String label, String value, String note) {
    html.append(
        Html.format(
            "<div class=\"tile\"><span>%s</span> <b>%s</b> <small>%s</small></div>\n",
            label, value, note));
  }

  private static String ranks(List<RankTimes> ranks) {
    List<RankTimes> sorted =
        ranks.stream().sorted(Comparator.comparingDouble(RankTimes::own).reversed()).toList();
    if (sorted.isEmpty()) {
      return "<p class=\"none\">No rank has reported.</p>\n";
    }
    StringBuilder html = new StringBuilder();
    RankTimes slowest = sorted.get(0);
    if (ranks.size() > 1 && slowest.own() > 0) {
      html.append(
          Html.format(
              "<p class=\"slowest\">Slowest: <b>rank %d</b> on %s, with %s of data, computing and"
                  + " updates; the median rank has %s.</p>\n",
              slowest.rank(),
              slowest.host(),
              seconds(slowest.own()),
              seconds(sorted.get(sorted.size() / 2).own())));
    }
    legend(html);
    html.append("<div class=\"scroll\"><table><thead><tr>");
    for (String head : List.of("rank", "host", "executor", "GPU", "step", "own", "time")) {
      html.append(Html.format("<th scope=\"col\">%s</th>", head));
    }
    html.append("</tr></thead><tbody>\n");
    sorted.stream().limit(LISTED_RANKS).forEach(rank -> row(html, rank));
    html.append("</tbody></table></div>\n");
    if (sorted.size() > LISTED_RANKS) {
      html.append(
          Html.format(
              "<p class=\"none\">and %d ranks with less of their own to do</p>\n",
              sorted.size() - LISTED_RANKS));
    }
    return html.toString();
  }

  private static void legend(StringBuilder html) {
    html.append("<ul class=\"legend\">");
    for (Attempt.Activity activity : Attempt.Activity.values()) {
      html.append(
          Html.format(
              "<li><span class=\"key part%d\"></span>%s</li>", part(activity), activity.words()));
    }
    html.append("</ul>\n");
  }

  private static void row(StringBuilder html, RankTimes rank) {
    html.append(
        Html.format(
            "<tr data-rank=\"%d\"><th scope=\"row\">%d</th><td>%s</td><td>%s</td><td>%s</td>"
                + "<td class=\"n\">%,d</td><td class=\"n\">%s</td><td class=\"bar\">",
            rank.rank(),
            rank.rank(),
            rank.host(),
            rank.executor(),
            rank.gpu().isEmpty() ? "\u2013" : rank.gpu(),
            rank.step(),
            seconds(rank.own())));
    html.append("<div class=\"split\">");
    for (Attempt.Activity activity : Attempt.Activity.values()) {
      double spent = rank.of(activity);
      if (spent > 0) {
        html.append(
            Html.format(
                "<span class=\"part%d\" style=\"flex-grow:%.4f\" data-seconds=\"%.3f\""
                    + " title=\"%s: %s, %s\"></span>",
                part(activity),
                spent / rank.total(),
                spent,
                activity.words(),
                seconds(spent),
                Html.percent(spent / rank.total())));
      }
    }
    html.append("</div></td></tr>\n");
  }

  private static int part(Attempt.Activity activity) {
    return List.of(Attempt.Activity.values()).indexOf(activity);
  }

  private static String seconds(double value) {
    return Html.number(value) + " s";
  }

  private static String mishaps(Moment now) {
    if (now.mishaps().isEmpty()) {
      return "<p class=\"none\">None%s.</p>\n"
          .formatted(now.state() == State.FINISHED ? "" : " so far");
    }
    StringBuilder html = new StringBuilder("<div class=\"scroll\"><table><tbody>");
    for (Mishap mishap : now.mishaps()) {
      html.append(
          Html.format(
              "<tr><td>%s</td><td>%s</td><td class=\"said\">%s</td></tr>\n",
              when(mishap.time()), mishap.where(), mishap.message()));
    }
    return html.append("</tbody></table></div>\n").toString();
  }

  /** A time of an event for people; what is no time is shown as it came. */
  private static String when(String time) {
    try {
      return SECONDS_OF_UTC.format(Instant.parse(time));
    } catch (DateTimeParseException e) {
      return time;
    }
  }
}
