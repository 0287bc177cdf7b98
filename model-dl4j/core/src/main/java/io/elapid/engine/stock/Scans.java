package io.elapid.engine.stock;

import io.elapid.kernel.ScanOrder;
import io.elapid.kernel.StepRule;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * Selective scans as the published reference loops write them: decays and inputs of all steps at
 * once, then a loop over the positions, unrolled.
 */
final class Scans {
  private Scans() {}

  /** {@code (x, xProj, dtWeight)} to delta, b and c. */
  static List<SDVariable> projection(Call call) {
    int directions = call.size(1, 0);
    int channels = call.size(1, 2);
    int rank = call.size(2, 2);
    int states = call.attribute(1);
    long[] delta = call.results().get(0);
    SDVariable[] maps = call.graph().unstack(sequences(call, channels), 1, directions);
    SDVariable[] rows = call.graph().unstack(call.in(1), 0, directions);
    SDVariable[] steps = call.graph().unstack(call.in(2), 0, directions);
    SDVariable[] deltas = new SDVariable[directions];
    SDVariable[] bs = new SDVariable[directions];
    SDVariable[] cs = new SDVariable[directions];
    int tokens = Math.toIntExact(delta[0] * delta[2]);
    for (int k = 0; k < directions; k++) {
      SDVariable x = call.reshape(maps[k].permute(0, 2, 1), tokens, channels);
      SDVariable projected = x.mmul(rows[k].permute(1, 0));
      SDVariable r = columns(call, projected, tokens, 0, rank);
      deltas[k] = call.reshape(r.mmul(steps[k].permute(1, 0)), delta[0], delta[2], channels);
      bs[k] = state(call, projected, tokens, rank);
      cs[k] = state(call, projected, tokens, rank + states);
    }
    return List.of(
        call.graph().stack(1, deltas), call.graph().stack(1, bs), call.graph().stack(1, cs));
  }

  private static SDVariable columns(Call call, SDVariable x, int rows, int first, int count) {
    return call.graph().slice(x, new int[] {0, first}, rows, count);
  }

  private static SDVariable state(Call call, SDVariable projected, int tokens, int first) {
    long[] b = call.results().get(1);
    SDVariable part = columns(call, projected, tokens, first, call.attribute(1));
    return call.reshape(part, b[0], b[2], b[3]);
  }

  /** {@code (u, delta, b, c, aLog, [skip], [bias])} to y. */
  static List<SDVariable> scan(Call call) {
    long[] delta = call.shape(1);
    long batch = delta[0];
    long directions = delta[1];
    int steps = call.size(1, 2);
    long channels = delta[3];
    long states = call.shape(2)[3];
    SDVariable u = sequences(call, channels).permute(0, 1, 3, 2);
    SDVariable dt = steps(call, directions, channels);
    SDVariable a = call.graph().math().exp(call.in(4)).neg();
    SDVariable rates = call.reshape(a, 1, directions, 1, channels, states);
    SDVariable wide = call.reshape(dt, batch, directions, steps, channels, 1);
    SDVariable decays = call.graph().math().exp(wide.mul(rates));
    SDVariable pushes =
        call.reshape(dt.mul(u), batch, directions, steps, channels, 1)
            .mul(call.shaped(2, batch, directions, steps, 1, states));
    SDVariable start = call.zeros(batch, directions, channels, states);
    SDVariable h = call.graph().stack(2, states(call, start, decays, pushes, steps));
    SDVariable c = call.shaped(3, batch, directions, steps, 1, states);
    SDVariable y = h.mul(c).sum(4);
    if (call.attribute(2) == 1) {
      y = y.add(u.mul(call.shaped(5, 1, directions, 1, channels)));
    }
    return Call.one(onMap(call, y.permute(0, 1, 3, 2)));
  }

  /** {@code h_t = decay_t h_(t - 1) + push_t} for all t. */
  private static SDVariable[] states(
      Call call, SDVariable start, SDVariable decays, SDVariable pushes, int steps) {
    SDVariable[] decay = call.graph().unstack(decays, 2, steps);
    SDVariable[] push = call.graph().unstack(pushes, 2, steps);
    SDVariable[] h = new SDVariable[steps];
    SDVariable before = start;
    for (int t = 0; t < steps; t++) {
      before = decay[t].mul(before).add(push[t]);
      h[t] = before;
    }
    return h;
  }

  private static SDVariable steps(Call call, long directions, long channels) {
    SDVariable delta = call.in(1);
    if (call.attribute(3) == 1) {
      delta = delta.add(call.reshape(call.last(), 1, directions, 1, channels));
    }
    boolean softplus = StepRule.ofCode(call.attribute(1)) == StepRule.SOFTPLUS;
    return softplus ? call.graph().nn().softplus(delta) : delta;
  }

  /** The first input, a map (B, D, H, W), in the order of each direction: (B, K, D, L). */
  private static SDVariable sequences(Call call, long channels) {
    long[] x = call.shape(0);
    ScanOrder order = order(call);
    if (order == ScanOrder.SEQUENTIAL) {
      return call.shaped(0, x[0], x[1] / channels, channels, x[2]);
    }
    if (order == ScanOrder.ATROUS) {
      return grids(call, x);
    }
    SDVariable rows = flat(call, call.in(0), x[0], channels);
    SDVariable back = call.graph().reverse(rows, 2);
    if (order == ScanOrder.BIDIRECTIONAL) {
      return call.graph().stack(1, rows, back);
    }
    SDVariable columns = flat(call, call.in(0).permute(0, 1, 3, 2), x[0], channels);
    return call.graph().stack(1, rows, columns, back, call.graph().reverse(columns, 2));
  }

  private static ScanOrder order(Call call) {
    return ScanOrder.ofCode(call.attribute(0));
  }

  private static SDVariable flat(Call call, SDVariable map, long batch, long channels) {
    return call.reshape(map, batch, channels, -1);
  }

  private static SDVariable grids(Call call, long[] x) {
    SDVariable[] quarters = Maps.quarters(call, call.in(0), x);
    SDVariable[] inOrder = {
      quarters[0], quarters[2].permute(0, 1, 3, 2), quarters[1], quarters[3].permute(0, 1, 3, 2)
    };
    for (int k = 0; k < inOrder.length; k++) {
      inOrder[k] = flat(call, inOrder[k], x[0], x[1]);
    }
    return call.graph().stack(1, inOrder);
  }

  /**
   * The sum over directions, every step at the position that it read: (B, K, D, L) to u's shape.
   */
  private static SDVariable onMap(Call call, SDVariable y) {
    long[] map = call.shape(0);
    ScanOrder order = order(call);
    if (order == ScanOrder.SEQUENTIAL) {
      return call.reshape(y, map);
    }
    int directions = order.directions();
    SDVariable[] parts = call.graph().unstack(y, 1, directions);
    if (order == ScanOrder.ATROUS) {
      return fromGrids(call, parts, map);
    }
    int half = directions / 2;
    SDVariable[] both = new SDVariable[half];
    for (int k = 0; k < half; k++) {
      both[k] = parts[k].add(call.graph().reverse(parts[k + half], 2));
    }
    SDVariable rows = call.reshape(both[0], map);
    if (order == ScanOrder.BIDIRECTIONAL) {
      return rows;
    }
    SDVariable columns = call.reshape(both[1], map[0], map[1], map[3], map[2]);
    return rows.add(columns.permute(0, 1, 3, 2));
  }

  private static SDVariable fromGrids(Call call, SDVariable[] parts, long[] map) {
    long height = (map[2] + 1) / 2;
    long width = (map[3] + 1) / 2;
    SDVariable[] grids = new SDVariable[parts.length];
    for (int k = 0; k < parts.length; k++) {
      boolean byColumn = k % 2 == 1;
      grids[k] =
          byColumn
              ? call.reshape(parts[k], map[0], map[1], width, height).permute(0, 1, 3, 2)
              : call.reshape(parts[k], map[0], map[1], height, width);
    }
    SDVariable[] quarters = {grids[0], grids[2], grids[1], grids[3]};
    return Maps.woven(call, quarters, map);
  }
}
