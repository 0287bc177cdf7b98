package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;

import io.elapid.kernel.ScanGeometry;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Two states of a chunk at once on the way back, which share most of what they read. */
final class StatePair {
  private static final int CHUNK = ScanGeometry.CHUNK;

  /** Where the states and decays of the second start in their tables. */
  static final int SECOND = (CHUNK + 1) * WIDTH;

  private StatePair() {}

  /**
   * The backward recurrence of states {@code n} and the next along a chunk, with the same sums in
   * the same order as one after the other.
   *
   * @param at where their decay rates lie
   * @param carried where their carries lie
   * @param summed where the gradients of their rates lie
   */
  static void back(
      ScanBackward scan,
      ScanBackward.Call call,
      int n,
      int at,
      int carried,
      int summed,
      int count) {
    float[] h = scan.h;
    float[] decays = scan.decays;
    float[] b = scan.b;
    float[] c = scan.c;
    float[] db = scan.db;
    float[] dc = scan.dc;
    float[] dy = scan.dy;
    float[] dt = scan.dt;
    float[] dtu = scan.dtu;
    float[] gb = scan.gb;
    float[] ga = scan.ga;
    int first = scan.sums + n * CHUNK * WIDTH;
    int second = first + CHUNK * WIDTH;
    int states = call.tables().states;
    float[] drates = call.sums().rates();
    FloatVector rate = FloatVector.fromArray(SPECIES, call.tables().rates, at);
    FloatVector rate2 = FloatVector.fromArray(SPECIES, call.tables().rates, at + WIDTH);
    FloatVector next = FloatVector.fromArray(SPECIES, scan.carry, carried);
    FloatVector next2 = FloatVector.fromArray(SPECIES, scan.carry, carried + WIDTH);
    FloatVector drate = FloatVector.fromArray(SPECIES, drates, summed);
    FloatVector drate2 = FloatVector.fromArray(SPECIES, drates, summed + WIDTH);
    FloatVector after = FloatVector.fromArray(SPECIES, h, count * WIDTH);
    FloatVector after2 = FloatVector.fromArray(SPECIES, h, SECOND + count * WIDTH);
    for (int i = (count - 1) * WIDTH; i >= 0; i -= WIDTH) {
      int coefficient = i / WIDTH * states + n;
      FloatVector output = FloatVector.fromArray(SPECIES, dy, i);
      FloatVector g = output.lanewise(VectorOperators.FMA, Lanes.all(c[coefficient]), next);
      FloatVector g2 = output.lanewise(VectorOperators.FMA, Lanes.all(c[coefficient + 1]), next2);
      output
          .lanewise(VectorOperators.FMA, after, FloatVector.fromArray(SPECIES, dc, first + i))
          .intoArray(dc, first + i);
      output
          .lanewise(VectorOperators.FMA, after2, FloatVector.fromArray(SPECIES, dc, second + i))
          .intoArray(dc, second + i);
      FloatVector input = FloatVector.fromArray(SPECIES, dtu, i);
      g.lanewise(VectorOperators.FMA, input, FloatVector.fromArray(SPECIES, db, first + i))
          .intoArray(db, first + i);
      g2.lanewise(VectorOperators.FMA, input, FloatVector.fromArray(SPECIES, db, second + i))
          .intoArray(db, second + i);
      FloatVector byInput = FloatVector.fromArray(SPECIES, gb, i);
      byInput = g.lanewise(VectorOperators.FMA, Lanes.all(b[coefficient]), byInput);
      g2.lanewise(VectorOperators.FMA, Lanes.all(b[coefficient + 1]), byInput).intoArray(gb, i);
      after = FloatVector.fromArray(SPECIES, h, i);
      after2 = FloatVector.fromArray(SPECIES, h, SECOND + i);
      next = g.mul(FloatVector.fromArray(SPECIES, decays, i));
      next2 = g2.mul(FloatVector.fromArray(SPECIES, decays, SECOND + i));
      FloatVector size = FloatVector.fromArray(SPECIES, dt, i);
      FloatVector lost = next.mul(after);
      FloatVector lost2 = next2.mul(after2);
      drate = lost.lanewise(VectorOperators.FMA, size, drate);
      drate2 = lost2.lanewise(VectorOperators.FMA, size, drate2);
      FloatVector byDecay = FloatVector.fromArray(SPECIES, ga, i);
      byDecay = lost.lanewise(VectorOperators.FMA, rate, byDecay);
      lost2.lanewise(VectorOperators.FMA, rate2, byDecay).intoArray(ga, i);
    }
    next.intoArray(scan.carry, carried);
    next2.intoArray(scan.carry, carried + WIDTH);
    drate.intoArray(drates, summed);
    drate2.intoArray(drates, summed + WIDTH);
  }
}
