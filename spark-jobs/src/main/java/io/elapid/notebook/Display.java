package io.elapid.notebook;

import java.util.List;

/**
 * Something to look at: printed on a line of its own, it is what Zeppelin draws.
 *
 * @param type of Zeppelin's: html or table
 * @param body in the form of that type
 */
public record Display(String type, String body) {
  static Display html(String markup) {
    return new Display("html", markup);
  }

  /** A table, which Zeppelin can also draw as a chart. */
  static Display table(List<String> columns, List<List<Object>> rows) {
    StringBuilder body = new StringBuilder(String.join("\t", columns));
    for (List<Object> row : rows) {
      body.append('\n').append(String.join("\t", row.stream().map(Display::cell).toList()));
    }
    return new Display("table", body.toString());
  }

  /** Tabs and line breaks end cells and rows. */
  private static String cell(Object value) {
    return String.valueOf(value).replaceAll("[\\t\\r\\n]", " ");
  }

  @Override
  public String toString() {
    return "%" + type + " " + body + "\n";
  }
}
