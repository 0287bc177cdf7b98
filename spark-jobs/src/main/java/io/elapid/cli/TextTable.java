package io.elapid.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Rows of text in columns as wide as their longest cell; numbers stand to the right. */
final class TextTable {
  private static final String GAP = "  ";

  /** How cells stand in their column. */
  enum Align {
    LEFT,
    RIGHT
  }

  private final List<Align> columns;
  private final List<List<String>> rows = new ArrayList<>();

  TextTable(Align... columns) {
    this.columns = List.of(columns);
  }

  /** Adds a row of as many cells as there are columns. */
  void row(String... cells) {
    if (cells.length != columns.size()) {
      throw new IllegalArgumentException(
          "%d cells for %d columns".formatted(cells.length, columns.size()));
    }
    rows.add(List.of(cells));
  }

  /** The rows, one line each. */
  List<String> lines() {
    List<Integer> widths = new ArrayList<>();
    for (int c = 0; c < columns.size(); c++) {
      int column = c;
      widths.add(rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0));
    }
    return rows.stream().map(row -> line(row, widths)).toList();
  }

  private String line(List<String> row, List<Integer> widths) {
    List<String> cells = new ArrayList<>();
    for (int c = 0; c < row.size(); c++) {
      String padding = " ".repeat(widths.get(c) - row.get(c).length());
      cells.add(columns.get(c) == Align.LEFT ? row.get(c) + padding : padding + row.get(c));
    }
    return cells.stream().collect(Collectors.joining(GAP)).stripTrailing();
  }
}
