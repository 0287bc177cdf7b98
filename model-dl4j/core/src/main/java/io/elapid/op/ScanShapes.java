package io.elapid.op;

import io.elapid.kernel.ScanGeometry;
import io.elapid.kernel.ScanOrder;

/** The geometry of a scan, from the shapes of what it is given. */
final class ScanShapes {
  private ScanShapes() {}

  /**
   * Geometry of a scan over {@code map}.
   *
   * @param map (B, D, H, W), or (B, K D, L) for a sequential scan
   * @param directions K
   * @param channels D
   * @throws IllegalArgumentException in {@code op}'s name if they do not fit together
   */
  static ScanGeometry of(
      ElapidOp op, ScanOrder order, long[] map, long directions, long channels, long states) {
    boolean sequential = order == ScanOrder.SEQUENTIAL;
    op.require(
        map.length == (sequential ? 3 : 4), "a map of rank %d for a %s scan", map.length, order);
    op.require(
        sequential || directions == order.directions(),
        "%d directions, a %s scan has %d",
        directions,
        order,
        order.directions());
    long expected = sequential ? directions * channels : channels;
    op.require(
        map[1] == expected, "a map of %d channels, the other inputs say %d", map[1], expected);
    return new ScanGeometry(
        order,
        Math.toIntExact(map[0]),
        Math.toIntExact(directions),
        Math.toIntExact(channels),
        sequential ? 1 : Math.toIntExact(map[2]),
        Math.toIntExact(map[map.length - 1]),
        Math.toIntExact(states));
  }
}
