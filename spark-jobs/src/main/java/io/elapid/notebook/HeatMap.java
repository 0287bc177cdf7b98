package io.elapid.notebook;

import io.elapid.observe.Axis;
import io.elapid.observe.Html;
import io.elapid.observe.Thumbnail;

/**
 * Values over a plane as colours from dark to bright, with ticks at both ends and in the middle of
 * either side and a bar that says what a colour means.
 *
 * @param values (height, width), row by row
 * @param ticks at the start, the middle and the end of both axes
 * @param axes what these count
 * @param unit what the values are
 */
record HeatMap(
    String title,
    int height,
    int width,
    double[] values,
    double low,
    double high,
    Ticks ticks,
    String axes,
    String unit) {
  private static final int SIDE = 190;
  private static final int LEFT = 40;
  private static final int TOP = 26;
  private static final int BAR = 12;
  private static final int[][] PALETTE = {
    {0, 0, 4}, {66, 10, 104}, {147, 38, 103}, {221, 81, 58}, {252, 165, 10}, {252, 255, 164}
  };

  /** Words along an axis. */
  record Ticks(String start, String middle, String end) {}

  String svg() {
    int outerWidth = LEFT + SIDE + 76;
    int outerHeight = TOP + SIDE + 48;
    int bar = LEFT + SIDE + 12;
    StringBuilder svg = new StringBuilder();
    svg.append(
        Html.format(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\""
                + " height=\"%d\" role=\"img\" aria-label=\"%s\" font-family=\"sans-serif\""
                + " font-size=\"11\" fill=\"#333\"><rect width=\"100%%\" height=\"100%%\""
                + " fill=\"#fff\"/><text x=\"%d\" y=\"17\" font-size=\"13\" font-weight=\"bold\">%s</text>",
            outerWidth, outerHeight, outerWidth, outerHeight, title, LEFT, title));
    svg.append(image(LEFT, SIDE, height, width, values));
    ticks(svg);
    double[] ramp = new double[SIDE];
    for (int i = 0; i < SIDE; i++) {
      ramp[i] = high - (high - low) * i / (SIDE - 1);
    }
    svg.append(image(bar, BAR, SIDE, 1, ramp));
    svg.append(
        Html.format(
            "<text x=\"%d\" y=\"%d\">%s</text><text x=\"%d\" y=\"%d\">%s</text>"
                + "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\" transform=\"rotate(90 %d %d)\">%s</text>",
            bar + BAR + 4,
            TOP + 9,
            Axis.label(high, 3),
            bar + BAR + 4,
            TOP + SIDE,
            Axis.label(low, 3),
            bar + BAR + 10,
            TOP + SIDE / 2,
            bar + BAR + 10,
            TOP + SIDE / 2,
            unit));
    return svg.append("</svg>").toString();
  }

  private void ticks(StringBuilder svg) {
    String[] words = {ticks.start(), ticks.middle(), ticks.end()};
    for (int i = 0; i < words.length; i++) {
      String anchor = i == 0 ? "start" : i == 1 ? "middle" : "end";
      int along = SIDE * i / 2;
      int lower = i == 0 ? 10 : i == 1 ? 4 : 0;
      svg.append(
          Html.format(
              "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\">%s</text>"
                  + "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>",
              LEFT + along,
              TOP + SIDE + 14,
              anchor,
              words[i],
              LEFT - 4,
              TOP + along + lower,
              words[i]));
    }
    svg.append(
        Html.format(
            "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>",
            LEFT + SIDE / 2, TOP + SIDE + 32, axes));
  }

  private String image(int left, int wide, int rows, int columns, double[] shown) {
    byte[] rgb = new byte[3 * rows * columns];
    for (int i = 0; i < shown.length; i++) {
      color(shown[i], rgb, 3 * i);
    }
    Thumbnail picture = Thumbnail.of(columns, rows, rgb, Math.max(rows, columns));
    return Html.format(
        "<image x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" preserveAspectRatio=\"none\""
            + " style=\"image-rendering:pixelated\" href=\"%s\"/>",
        left, TOP, wide, SIDE, picture.dataUri());
  }

  private void color(double value, byte[] rgb, int at) {
    double share = high > low ? Math.min(1, Math.max(0, (value - low) / (high - low))) : 0;
    double place = share * (PALETTE.length - 1);
    int below = Math.min((int) place, PALETTE.length - 2);
    for (int c = 0; c < 3; c++) {
      double mixed =
          PALETTE[below][c] + (place - below) * (PALETTE[below + 1][c] - PALETTE[below][c]);
      rgb[at + c] = (byte) Math.round(mixed);
    }
  }
}
