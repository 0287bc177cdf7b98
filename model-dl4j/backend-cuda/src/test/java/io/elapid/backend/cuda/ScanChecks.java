package io.elapid.backend.cuda;

import io.elapid.kernel.HiddenStateKernel;
import io.elapid.kernel.KernelSet;
import io.elapid.kernel.ScanGeometry;
import io.elapid.kernel.ScanOrder;
import io.elapid.kernel.ScanProjectionKernel;
import io.elapid.kernel.SelectiveScanKernel.Inputs;
import io.elapid.kernel.SelectiveScanKernel.Outputs;
import io.elapid.kernel.StepRule;
import io.elapid.kernel.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Scans, what steers them, hidden states. */
final class ScanChecks extends CheckGroup {
  ScanChecks() {
    for (Storage storage : Storage.values()) {
      scans(storage);
    }
    scanProjections();
    hiddenState();
  }

  private static long[] steps(ScanGeometry g, int values) {
    return new long[] {g.batch(), g.directions(), g.steps(), values};
  }

  /** Random inputs of a scan, such as are stored without rounding. */
  static Inputs inputs(
      Filled filled, Storage storage, ScanGeometry g, StepRule rule, Optional<Tensor> skip) {
    long rows = (long) g.directions() * g.channels();
    return new Inputs(
        filled.stored(storage, -1, 1, g.batch(), g.mapChannels(), g.height(), g.width()),
        filled.stored(storage, -0.1, 0.5, steps(g, g.channels())),
        filled.stored(storage, -1, 1, steps(g, g.states())),
        filled.stored(storage, -1, 1, steps(g, g.states())),
        filled.tensor(-0.5, 1, rows, g.states()),
        skip,
        skip.map(t -> filled.tensor(-0.1, 0, rows)),
        rule,
        g);
  }

  /** Outputs, saved states and all gradients of a scan, in that order. */
  static List<Tensor> scan(KernelSet set, Inputs in, Tensor dy) {
    return scan(set, in, dy, Filled::empty);
  }

  /** The same, written where {@code memory} says. */
  static List<Tensor> scan(KernelSet set, Inputs in, Tensor dy, Function<long[], Tensor> memory) {
    ScanGeometry g = in.geometry();
    long rows = in.aLog().dim(0);
    long[] map = {g.batch(), g.mapChannels(), g.height(), g.width()};
    Tensor y = memory.apply(map);
    Tensor states =
        memory.apply(
            new long[] {g.batch(), g.directions(), g.savedStates(), g.states(), g.channels()});
    set.selectiveScan().forward(in, y, states);
    Outputs out =
        new Outputs(
            memory.apply(map),
            memory.apply(steps(g, g.channels())),
            memory.apply(steps(g, g.states())),
            memory.apply(steps(g, g.states())),
            memory.apply(new long[] {rows, g.states()}),
            in.skip().map(t -> memory.apply(new long[] {rows})),
            in.bias().map(t -> memory.apply(new long[] {rows})));
    set.selectiveScan().gradient(in, dy, states, out);
    List<Tensor> all = new ArrayList<>(List.of(y, states, out.du(), out.ddelta(), out.db()));
    all.addAll(List.of(out.dc(), out.daLog()));
    out.dskip().ifPresent(all::add);
    out.dbias().ifPresent(all::add);
    return all;
  }

  private void scans(Storage storage) {
    for (ScanGeometry g :
        List.of(
            new ScanGeometry(ScanOrder.CROSS, 2, 4, 12, 7, 7, 8),
            new ScanGeometry(ScanOrder.BIDIRECTIONAL, 1, 2, 35, 8, 8, 1),
            new ScanGeometry(ScanOrder.ATROUS, 1, 4, 7, 28, 25, 16),
            new ScanGeometry(ScanOrder.CROSS, 1, 4, 5, 14, 13, 4))) {
      Filled filled = new Filled(1);
      Optional<Tensor> skip =
          Optional.of(filled.tensor(0.5, 1.5, (long) g.directions() * g.channels()));
      Inputs in = inputs(filled, storage, g, StepRule.SOFTPLUS, skip);
      Tensor dy = filled.stored(storage, -1, 1, g.batch(), g.mapChannels(), g.height(), g.width());
      add("scan in " + storage + ", " + g, storage, set -> scan(set, in, dy));
    }
  }

  private void scanProjections() {
    scanProjection(new ScanGeometry(ScanOrder.CROSS, 3, 4, 70, 7, 7, 8), 5);
    scanProjection(new ScanGeometry(ScanOrder.BIDIRECTIONAL, 1, 2, 20, 6, 6, 1), 9);
    scanProjection(new ScanGeometry(ScanOrder.ATROUS, 2, 4, 33, 13, 15, 16), 2);
    scanProjection(new ScanGeometry(ScanOrder.SEQUENTIAL, 2, 3, 6, 1, 70, 2), 100);
  }

  private void scanProjection(ScanGeometry g, int rank) {
    int rows = rank + 2 * g.states();
    long[] map = {g.batch(), g.mapChannels(), g.height(), g.width()};
    Filled filled = new Filled(12);
    ScanProjectionKernel.Inputs in =
        new ScanProjectionKernel.Inputs(
            filled.tensor(-1, 1, map),
            filled.tensor(-1, 1, g.directions(), rows, g.channels()),
            filled.tensor(-1, 1, g.directions(), g.channels(), rank),
            g);
    Tensor ddelta = filled.tensor(-1, 1, steps(g, g.channels()));
    Tensor db = filled.tensor(-1, 1, steps(g, g.states()));
    Tensor dc = filled.tensor(-1, 1, steps(g, g.states()));
    add(
        "scan projection of rank " + rank + ", " + g,
        set -> {
          Tensor delta = Filled.empty(steps(g, g.channels()));
          Tensor b = Filled.empty(steps(g, g.states()));
          Tensor c = Filled.empty(steps(g, g.states()));
          Tensor r = Filled.empty(steps(g, rank));
          Tensor dx = Filled.empty(map);
          Tensor dxProj = Filled.empty(g.directions(), rows, g.channels());
          Tensor ddtWeight = Filled.empty(g.directions(), g.channels(), rank);
          ScanProjectionKernel kernel = set.scanProjection();
          kernel.forward(in, new ScanProjectionKernel.Outputs(delta, b, c, r));
          kernel.gradient(
              in, new ScanProjectionKernel.Gradient(ddelta, db, dc, r, dx, dxProj, ddtWeight));
          return List.of(delta, b, c, r, dx, dxProj, ddtWeight);
        });
  }

  private void hiddenState() {
    Filled filled = new Filled(2);
    Tensor x = filled.tensor(-1, 1, 2, 35, 49);
    Tensor b = filled.tensor(-1, 1, 2, 9, 49);
    Tensor dt = filled.tensor(-3, 3, 2, 9, 49);
    Tensor a = filled.tensor(1, 16, 9);
    Tensor dh = filled.tensor(-1, 1, 2, 35, 9);
    add(
        "hidden states",
        set -> {
          Tensor h = Filled.empty(2, 35, 9);
          Tensor w = Filled.empty(2, 9, 49);
          set.hiddenState().forward(x, b, dt, a, h, w);
          Tensor dx = Filled.empty(2, 35, 49);
          Tensor db = Filled.empty(2, 9, 49);
          Tensor ddt = Filled.empty(2, 9, 49);
          set.hiddenState()
              .gradient(new HiddenStateKernel.Gradient(dh, x, b, w, dx, db, ddt, Filled.empty(9)));
          return List.of(h, w, dx, db, ddt);
        });
  }
}
