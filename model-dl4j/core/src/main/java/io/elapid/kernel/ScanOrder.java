package io.elapid.kernel;

/**
 * In which order state-space layers read the positions of a map.
 *
 * <p>A direction is one sequence; step {@code t} of direction {@code k} reads, and writes, position
 * {@code row * width + column}. A pure function of the sizes.
 */
public enum ScanOrder {
  /** Every direction has channels of its own and reads them as they come; any number of them. */
  SEQUENTIAL(0, 1),
  /** Row by row, and that reversed (MobileMamba). */
  BIDIRECTIONAL(1, 2),
  /** Row by row, column by column, and both reversed (VMamba's cross-scan; TinyViM). */
  CROSS(2, 4),
  /**
   * The four interleaved grids of every second row and column, those of odd rows column by column
   * (EfficientVMamba's ES2D). Odd sizes are padded by zeros at the bottom and on the right, which
   * are scanned like pixels.
   */
  ATROUS(3, 4);

  /** What {@link #position} says of a step that reads padding. */
  public static final int PADDING = -1;

  private final int code;
  private final int directions;

  ScanOrder(int code, int directions) {
    this.code = code;
    this.directions = directions;
  }

  /** The number that stands for this order in saved graphs. */
  public int code() {
    return code;
  }

  /** The order with that {@link #code()}. */
  public static ScanOrder ofCode(int code) {
    for (ScanOrder order : values()) {
      if (order.code == code) {
        return order;
      }
    }
    throw new IllegalArgumentException("no scan order has the code " + code);
  }

  /** Number of directions; 1 for {@link #SEQUENTIAL}, which takes any number. */
  public int directions() {
    return directions;
  }

  /** Length of each direction's sequence. */
  public int steps(int height, int width) {
    return this == ATROUS ? half(height) * half(width) : height * width;
  }

  /** The position that a step reads, or {@link #PADDING}. */
  public int position(int direction, int step, int height, int width) {
    return switch (this) {
      case SEQUENTIAL -> step;
      case BIDIRECTIONAL -> direction == 0 ? step : height * width - 1 - step;
      case CROSS -> {
        int t = direction < 2 ? step : height * width - 1 - step;
        yield direction % 2 == 0 ? t : t % height * width + t / height;
      }
      case ATROUS -> atrous(direction, step, height, width);
    };
  }

  private static int atrous(int direction, int step, int height, int width) {
    int oddRow = direction % 2;
    int oddColumn = direction / 2;
    int i = oddRow == 0 ? step / half(width) : step % half(height);
    int j = oddRow == 0 ? step % half(width) : step / half(height);
    int row = 2 * i + oddRow;
    int column = 2 * j + oddColumn;
    return row < height && column < width ? row * width + column : PADDING;
  }

  private static int half(int size) {
    return (size + 1) / 2;
  }
}
