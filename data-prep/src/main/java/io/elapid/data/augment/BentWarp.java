package io.elapid.data.augment;

import io.elapid.data.image.Image;
import io.elapid.data.image.Resize;

/**
 * Pillow's transforms of a picture onto its own size that bend it: a mesh of quadrilaterals, and a
 * perspective. Bicubic; black where there is nothing to show.
 */
final class BentWarp {
  private final Image image;
  private final WarpSampler sampler;
  private final byte[] out;

  private BentWarp(Image image) {
    this.image = image;
    this.sampler = new WarpSampler(image, Resize.Filter.BICUBIC);
    this.out = new byte[image.rgb().length];
  }

  /** Where an output pixel comes from. */
  private interface Source {
    double x(double x, double y);

    double y(double x, double y);
  }

  private void fill(int left, int top, int right, int bottom, Source source) {
    for (int y = top; y < bottom; y++) {
      for (int x = left; x < right; x++) {
        double column = x - left + 0.5;
        double row = y - top + 0.5;
        int to = (y * image.width() + x) * Image.CHANNELS;
        sampler.write(source.x(column, row), source.y(column, row), out, to);
      }
    }
  }

  private Image result() {
    return new Image(image.width(), image.height(), out);
  }

  /**
   * Cuts the picture into {@code shift / 10} tiles each way and takes the corners that four of them
   * share from {@code shift} pixels further right and down.
   *
   * @param shift at least 10
   */
  static Image distort(Image image, int shift) {
    int tiles = shift / 10;
    BentWarp warp = new BentWarp(image);
    for (int row = 0; row < tiles; row++) {
      for (int column = 0; column < tiles; column++) {
        warp.tile(tiles, column, row, shift);
      }
    }
    return warp.result();
  }

  private void tile(int tiles, int column, int row, int shift) {
    int left = column * (image.width() / tiles);
    int right = column == tiles - 1 ? image.width() : left + image.width() / tiles;
    int top = row * (image.height() / tiles);
    int bottom = row == tiles - 1 ? image.height() : top + image.height() / tiles;
    if (left == right || top == bottom) {
      return;
    }
    int northWest = column > 0 && row > 0 ? shift : 0;
    int northEast = column < tiles - 1 && row > 0 ? shift : 0;
    int southWest = column > 0 && row < tiles - 1 ? shift : 0;
    int southEast = column < tiles - 1 && row < tiles - 1 ? shift : 0;
    double perColumn = 1.0 / (right - left);
    double perRow = 1.0 / (bottom - top);
    double[] x =
        bilinear(
            left + northWest,
            right + northEast,
            left + southWest,
            right + southEast,
            perColumn,
            perRow);
    double[] y =
        bilinear(
            top + northWest,
            top + northEast,
            bottom + southWest,
            bottom + southEast,
            perColumn,
            perRow);
    fill(left, top, right, bottom, source(x, y));
  }

  private static double[] bilinear(
      double northWest,
      double northEast,
      double southWest,
      double southEast,
      double perColumn,
      double perRow) {
    return new double[] {
      northWest,
      (northEast - northWest) * perColumn,
      (southWest - northWest) * perRow,
      (southEast - southWest - northEast + northWest) * perColumn * perRow
    };
  }

  private static Source source(double[] forX, double[] forY) {
    return new Source() {
      @Override
      public double x(double x, double y) {
        return forX[0] + forX[1] * x + forX[2] * y + forX[3] * x * y;
      }

      @Override
      public double y(double x, double y) {
        return forY[0] + forY[1] * x + forY[2] * y + forY[3] * x * y;
      }
    };
  }

  /**
   * Moves the corners along the sides, each in its turn, by a share of the longer side: outwards
   * for a positive share, inwards for a negative one.
   */
  static Image skew(Image image, double share) {
    int width = image.width();
    int height = image.height();
    double amount = Math.ceil(Math.max(width, height) * share);
    double[][] from = {
      {-amount, 0}, {width, -amount}, {width + amount, height}, {0, height + amount}
    };
    double[][] to = {{0, 0}, {width, 0}, {width, height}, {0, height}};
    double[][] system = new double[8][];
    for (int i = 0; i < 4; i++) {
      double x = from[i][0];
      double y = from[i][1];
      double u = to[i][0];
      double v = to[i][1];
      system[2 * i] = new double[] {x, y, 1, 0, 0, 0, -u * x, -u * y, u};
      system[2 * i + 1] = new double[] {0, 0, 0, x, y, 1, -v * x, -v * y, v};
    }
    double[] c = solve(system);
    BentWarp warp = new BentWarp(image);
    warp.fill(
        0,
        0,
        width,
        height,
        new Source() {
          @Override
          public double x(double x, double y) {
            return (c[0] * x + c[1] * y + c[2]) / (c[6] * x + c[7] * y + 1);
          }

          @Override
          public double y(double x, double y) {
            return (c[3] * x + c[4] * y + c[5]) / (c[6] * x + c[7] * y + 1);
          }
        });
    return warp.result();
  }

  /** Gauss-Jordan with pivoting; the right-hand side is the last column. */
  private static double[] solve(double[][] system) {
    int n = system.length;
    for (int column = 0; column < n; column++) {
      int pivot = column;
      for (int row = column + 1; row < n; row++) {
        if (Math.abs(system[row][column]) > Math.abs(system[pivot][column])) {
          pivot = row;
        }
      }
      double[] swapped = system[pivot];
      system[pivot] = system[column];
      system[column] = swapped;
      for (int row = 0; row < n; row++) {
        double factor = row == column ? 0 : system[row][column] / system[column][column];
        for (int k = column; k <= n; k++) {
          system[row][k] -= factor * system[column][k];
        }
      }
    }
    double[] solution = new double[n];
    for (int i = 0; i < n; i++) {
      solution[i] = system[i][n] / system[i][i];
    }
    return solution;
  }
}
