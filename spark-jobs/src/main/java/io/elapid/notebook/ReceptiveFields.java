package io.elapid.notebook;

import io.elapid.analysis.Pictures;
import io.elapid.analysis.ReceptiveField;
import io.elapid.analysis.Subject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Effective receptive fields of some networks on the same pictures. */
public final class ReceptiveFields {
  private static final double[] SHARES = {0.2, 0.3, 0.5, 0.99};

  /** Decades of contribution that can be told apart in the pictures. */
  private static final double DECADES = 3;

  private final Map<String, ReceptiveField> fields;

  private ReceptiveFields(Map<String, ReceptiveField> fields) {
    this.fields = fields;
  }

  static ReceptiveFields of(List<Subject> networks, Pictures pictures) {
    Map<String, ReceptiveField> fields = new LinkedHashMap<>();
    for (Subject network : networks) {
      fields.put(network.network().name(), ReceptiveField.of(network, pictures));
    }
    return new ReceptiveFields(fields);
  }

  /** Contribution of every pixel, as powers of ten of the largest. */
  public Display heatMaps() {
    StringBuilder html = new StringBuilder("<div style=\"display:flex;flex-wrap:wrap\">");
    fields.forEach(
        (name, field) -> {
          double largest = Arrays.stream(field.contribution()).max().orElse(1);
          double[] logs =
              Arrays.stream(field.contribution())
                  .map(one -> Math.max(-DECADES, Math.log10(one / largest)))
                  .toArray();
          String side = Integer.toString(field.width());
          html.append(
              new HeatMap(
                      name,
                      field.height(),
                      field.width(),
                      logs,
                      -DECADES,
                      0,
                      new HeatMap.Ticks("0", Integer.toString(field.width() / 2), side),
                      "pixels",
                      "log\u2081\u2080 of contribution")
                  .svg());
        });
    return Display.html(html.append("</div>").toString());
  }

  /**
   * Side of the square in the middle that holds a share of all contributions, in percent of the
   * picture's: rows of {@code network}, {@code share} and {@code side}.
   */
  public Display table() {
    List<List<Object>> rows = new ArrayList<>();
    fields.forEach(
        (name, field) -> {
          for (double share : SHARES) {
            rows.add(
                List.of(
                    name,
                    Math.round(100 * share) + " % of contributions",
                    Math.round(1000 * field.side(share)) / 10.0));
          }
        });
    return Display.table(List.of("network", "share", "side"), rows);
  }

  /** Side of the square that holds a share of a network's contributions, in (0, 1]. */
  public double side(String network, double share) {
    ReceptiveField field = fields.get(network);
    if (field == null) {
      throw new IllegalArgumentException(
          "no field of %s among %s".formatted(network, fields.keySet()));
    }
    return field.side(share);
  }

  /** The networks. */
  public List<String> networks() {
    return List.copyOf(fields.keySet());
  }
}
