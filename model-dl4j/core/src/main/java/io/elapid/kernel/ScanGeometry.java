package io.elapid.kernel;

/**
 * Sizes of a scan.
 *
 * @param order how directions read the map
 * @param directions K
 * @param channels D: channels of one direction
 * @param height of the map; 1 for {@link ScanOrder#SEQUENTIAL}
 * @param width of the map; the sequence's length for {@link ScanOrder#SEQUENTIAL}
 * @param states N: states of one channel
 */
public record ScanGeometry(
    ScanOrder order, int batch, int directions, int channels, int height, int width, int states) {

  /** Steps from one saved state to the next. */
  public static final int CHUNK = 32;

  /** L: length of each direction's sequence. */
  public int steps() {
    return order.steps(height, width);
  }

  /** P: positions of the map. */
  public int positions() {
    return height * width;
  }

  /** Channels of the map. */
  public int mapChannels() {
    return order == ScanOrder.SEQUENTIAL ? directions * channels : channels;
  }

  /** The channel of the map that channel {@code channel} of a direction reads. */
  public int mapChannel(int direction, int channel) {
    return order == ScanOrder.SEQUENTIAL ? direction * channels + channel : channel;
  }

  /** Number of states saved for the gradient: {@link #savedStates(int)}. */
  public int savedStates() {
    return savedStates(steps());
  }

  /**
   * Number of states that a scan over {@code steps} saves: after each {@link #CHUNK} steps, but not
   * at the end; at the end where there would be none.
   */
  public static int savedStates(int steps) {
    return Math.max(1, (steps + CHUNK - 1) / CHUNK - 1);
  }

  /** Step {@code t} of direction {@code k} reads position {@code [k * steps() + t]}. */
  public int[] positionTable() {
    int steps = steps();
    int[] table = new int[directions * steps];
    for (int k = 0; k < directions; k++) {
      for (int t = 0; t < steps; t++) {
        table[k * steps + t] = order.position(k, t, height, width);
      }
    }
    return table;
  }
}
