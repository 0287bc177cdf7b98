package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;
import static io.elapid.backend.cpu.ScanMath.EXP_1;
import static io.elapid.backend.cpu.ScanMath.EXP_2;
import static io.elapid.backend.cpu.ScanMath.EXP_3;
import static io.elapid.backend.cpu.ScanMath.EXP_4;
import static io.elapid.backend.cpu.ScanMath.EXP_5;
import static io.elapid.backend.cpu.ScanMath.EXP_6;
import static io.elapid.backend.cpu.ScanMath.LEAST;
import static io.elapid.backend.cpu.ScanMath.LN_2;
import static io.elapid.backend.cpu.ScanMath.ROUND;

import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Chunks of scans with one state per channel, where nothing has to be kept for further states: what
 * {@link ScanForward} and {@link ScanBackward} do in several passes takes one or two.
 */
final class SingleState {
  private SingleState() {}

  /** Takes the state at {@code at} along a chunk and adds its outputs to those of the panel. */
  static void forward(
      ScanForward scan, ScanTables tables, int row, int at, int panel, int place, int count) {
    float[] dt = scan.dt;
    float[] us = scan.us;
    float[] ys = scan.ys;
    float[] b = scan.b;
    float[] c = scan.c;
    int[] places = tables.places;
    FloatVector rate = FloatVector.fromArray(SPECIES, tables.rates, row);
    FloatVector skip = FloatVector.fromArray(SPECIES, tables.skip, row);
    FloatVector h = FloatVector.fromArray(SPECIES, scan.state, at);
    for (int i = 0; i < count; i++) {
      FloatVector size = FloatVector.fromArray(SPECIES, dt, i * WIDTH);
      FloatVector shifted = size.lanewise(VectorOperators.FMA, rate, Lanes.all(ROUND));
      FloatVector f = size.lanewise(VectorOperators.FMA, rate, Lanes.all(ROUND).sub(shifted));
      FloatVector p = f.lanewise(VectorOperators.FMA, Lanes.all(EXP_6), Lanes.all(EXP_5));
      p = p.lanewise(VectorOperators.FMA, f, Lanes.all(EXP_4));
      p = p.lanewise(VectorOperators.FMA, f, Lanes.all(EXP_3));
      p = p.lanewise(VectorOperators.FMA, f, Lanes.all(EXP_2));
      p = p.lanewise(VectorOperators.FMA, f, Lanes.all(EXP_1));
      p = p.lanewise(VectorOperators.FMA, f, Lanes.all(1f));
      FloatVector decay =
          p.reinterpretAsInts()
              .add(shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23))
              .reinterpretAsFloats()
              .blend(0f, shifted.compare(VectorOperators.LT, LEAST));
      int to = panel + places[place + i];
      FloatVector u = FloatVector.fromArray(SPECIES, us, to);
      h = h.lanewise(VectorOperators.FMA, decay, size.mul(u).mul(b[i]));
      FloatVector y = h.lanewise(VectorOperators.FMA, Lanes.all(c[i]), skip.mul(u));
      FloatVector.fromArray(SPECIES, ys, to).add(y).intoArray(ys, to);
    }
    h.intoArray(scan.state, at);
  }

  /** Decays and states of a chunk, from the state before the chunk. */
  static void repeat(
      ScanBackward scan, ScanTables tables, int row, int panel, int place, int count) {
    float[] dt = scan.dt;
    float[] us = scan.us;
    float[] b = scan.b;
    int[] places = tables.places;
    FloatVector rate = FloatVector.fromArray(SPECIES, tables.rates, row);
    FloatVector h = FloatVector.fromArray(SPECIES, scan.start, 0);
    h.intoArray(scan.h, 0);
    for (int i = 0; i < count; i++) {
      FloatVector size = FloatVector.fromArray(SPECIES, dt, i * WIDTH);
      FloatVector shifted = size.lanewise(VectorOperators.FMA, rate, Lanes.all(ROUND));
      FloatVector f = size.lanewise(VectorOperators.FMA, rate, Lanes.all(ROUND).sub(shifted));
      FloatVector p = f.lanewise(VectorOperators.FMA, Lanes.all(EXP_6), Lanes.all(EXP_5));
      p = p.lanewise(VectorOperators.FMA, f, Lanes.all(EXP_4));
      p = p.lanewise(VectorOperators.FMA, f, Lanes.all(EXP_3));
      p = p.lanewise(VectorOperators.FMA, f, Lanes.all(EXP_2));
      p = p.lanewise(VectorOperators.FMA, f, Lanes.all(EXP_1));
      p = p.lanewise(VectorOperators.FMA, f, Lanes.all(1f));
      FloatVector decay =
          p.reinterpretAsInts()
              .add(shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23))
              .reinterpretAsFloats()
              .blend(0f, shifted.compare(VectorOperators.LT, LEAST));
      decay.intoArray(scan.decays, i * WIDTH);
      FloatVector u = FloatVector.fromArray(SPECIES, us, panel + places[place + i]);
      h = h.lanewise(VectorOperators.FMA, decay, size.mul(u).mul(b[i]));
      h.intoArray(scan.h, (i + 1) * WIDTH);
    }
  }

  /**
   * Goes back along a chunk.
   *
   * @param at where the block's sums of parameter gradients lie
   * @param carried where its carry lies
   * @param delta where its gradient of the first step size goes, {@code stride} before the next
   */
  static void back(
      ScanBackward scan,
      ScanBackward.Call call,
      int row,
      int at,
      int carried,
      int panel,
      int place,
      ByteBuffer ddelta,
      int delta,
      int stride,
      int count) {
    int[] places = call.tables().places;
    float[] b = scan.b;
    float[] c = scan.c;
    float[] db = scan.db;
    float[] dc = scan.dc;
    float[] us = scan.us;
    float[] dys = scan.dys;
    float[] dus = scan.dus;
    float[] dt = scan.dt;
    FloatVector rate = FloatVector.fromArray(SPECIES, call.tables().rates, row);
    FloatVector skip = FloatVector.fromArray(SPECIES, call.tables().skip, row);
    FloatVector drate = FloatVector.fromArray(SPECIES, call.sums().rates(), at);
    FloatVector dskip = FloatVector.fromArray(SPECIES, call.sums().skip(), at);
    FloatVector dbias = FloatVector.fromArray(SPECIES, call.sums().bias(), at);
    FloatVector next = FloatVector.fromArray(SPECIES, scan.carry, carried);
    FloatVector after = FloatVector.fromArray(SPECIES, scan.h, count * WIDTH);
    for (int i = count - 1; i >= 0; i--) {
      int lane = i * WIDTH;
      int sum = scan.sums + lane;
      int from = panel + places[place + i];
      FloatVector output = FloatVector.fromArray(SPECIES, dys, from);
      FloatVector input = FloatVector.fromArray(SPECIES, us, from);
      FloatVector size = FloatVector.fromArray(SPECIES, dt, lane);
      FloatVector g = output.lanewise(VectorOperators.FMA, Lanes.all(c[i]), next);
      output
          .lanewise(VectorOperators.FMA, after, FloatVector.fromArray(SPECIES, dc, sum))
          .intoArray(dc, sum);
      g.lanewise(VectorOperators.FMA, size.mul(input), FloatVector.fromArray(SPECIES, db, sum))
          .intoArray(db, sum);
      FloatVector byInput = g.mul(b[i]);
      after = FloatVector.fromArray(SPECIES, scan.h, lane);
      next = g.mul(FloatVector.fromArray(SPECIES, scan.decays, lane));
      FloatVector lost = next.mul(after);
      drate = lost.lanewise(VectorOperators.FMA, size, drate);
      FloatVector slope =
          byInput
              .lanewise(VectorOperators.FMA, input, lost.mul(rate).mul(LN_2))
              .mul(ScanMath.slope(FloatVector.fromArray(SPECIES, scan.e, lane)));
      Lanes.store(slope, ddelta, delta + i * stride);
      dbias = dbias.add(slope);
      dskip = output.lanewise(VectorOperators.FMA, input, dskip);
      FloatVector du = FloatVector.fromArray(SPECIES, dus, from);
      du = byInput.lanewise(VectorOperators.FMA, size, du);
      output.lanewise(VectorOperators.FMA, skip, du).intoArray(dus, from);
    }
    next.intoArray(scan.carry, carried);
    drate.intoArray(call.sums().rates(), at);
    dskip.intoArray(call.sums().skip(), at);
    dbias.intoArray(call.sums().bias(), at);
  }
}
