package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;

import io.elapid.kernel.SelectiveScanKernel;
import io.elapid.kernel.StepRule;
import io.elapid.kernel.Tensor;
import io.elapid.kernel.Workers;
import java.util.Optional;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Scans with the channels of a block in the lanes of a register; see {@link ScanForward} and {@link
 * ScanBackward}.
 *
 * <p>Steps without softplus may be negative and decays then grow: as long as none of them can reach
 * {@code 2^126}, which is looked at before, decays are computed as for steps that shrink them. The
 * rest, like doubles, is left to the reference.
 */
final class VectorSelectiveScan implements SelectiveScanKernel {
  /**
   * Two megabytes, about what second-level caches hold; the more channels, the longer the runs in
   * which steps are read.
   */
  private static final int CACHED_NUMBERS = 1 << 19;

  private final Workers workers;
  private final SelectiveScanKernel reference;
  private final ThreadLocal<ScanForward> forward = ThreadLocal.withInitial(ScanForward::new);
  private final ThreadLocal<ScanBackward> backward = ThreadLocal.withInitial(ScanBackward::new);

  VectorSelectiveScan(Workers workers, SelectiveScanKernel reference) {
    this.workers = workers;
    this.reference = reference;
  }

  /** Whether no decay of these tables can be too large. */
  private static boolean isOurs(Inputs in, ScanTables tables) {
    return in.rule() == StepRule.SOFTPLUS
        || largest(in.delta()) + largest(tables.bias)
            <= ScanTables.LARGEST_POWER / largest(tables.rates);
  }

  /** The largest absolute value; NaN where one is. */
  private static float largest(float[] values) {
    FloatVector largest = Lanes.zero();
    for (int i = 0; i < values.length; i += WIDTH) {
      largest = largest.max(FloatVector.fromArray(SPECIES, values, i).abs());
    }
    return largest.reduceLanes(VectorOperators.MAX);
  }

  /** The largest absolute value; NaN where one is. */
  private static float largest(Tensor values) {
    FloatVector largest = Lanes.zero();
    int i = 0;
    for (; i <= values.size() - WIDTH; i += WIDTH) {
      largest = largest.max(Lanes.load(values.bytes(), i).abs());
    }
    float found = largest.reduceLanes(VectorOperators.MAX);
    for (; i < values.size(); i++) {
      found = Math.max(found, Math.abs(Lanes.get(values.bytes(), i)));
    }
    return found;
  }

  /** About what one block of channels costs, in elements touched. */
  private static long work(ScanTables tables) {
    return (long) tables.perGroup() * tables.steps * (tables.states + 4) * WIDTH;
  }

  @Override
  public void forward(Inputs in, Tensor y, Tensor states) {
    if (!Lanes.areFloat(in.u())) {
      reference.forward(in, y, states);
      return;
    }
    ScanTables tables = new ScanTables(in);
    if (!isOurs(in, tables)) {
      reference.forward(in, y, states);
      return;
    }
    ScanForward.Call call = new ScanForward.Call(tables, in, y, states);
    int maps = tables.geometry.batch() * tables.groups;
    int blocks = blocksAtOnce(tables, maps);
    int parts = (tables.blocks + blocks - 1) / blocks;
    workers.forEach(
        maps * parts,
        work(tables) * blocks,
        (from, to) -> {
          ScanForward scan = forward.get();
          for (int i = from; i < to; i++) {
            int map = i / parts;
            int first = i % parts * blocks;
            int end = Math.min(first + blocks, tables.blocks);
            scan.blocks(call, map / tables.groups, map % tables.groups, first, end);
          }
        });
  }

  /** As many as fit in the cache, but few enough that there is work for every thread. */
  private int blocksAtOnce(ScanTables tables, int maps) {
    int fitting = Math.max(1, CACHED_NUMBERS / (2 * tables.panel));
    int shares = (2 * workers.threads() + maps - 1) / maps;
    return Math.min(fitting, Math.max(1, tables.blocks / shares));
  }

  @Override
  public void gradient(Inputs in, Tensor dy, Tensor states, Outputs out) {
    if (!Lanes.areFloat(in.u())) {
      reference.gradient(in, dy, states, out);
      return;
    }
    ScanTables tables = new ScanTables(in);
    if (!isOurs(in, tables)) {
      reference.gradient(in, dy, states, out);
      return;
    }
    ScanBackward.Sums sums = ScanBackward.Sums.of(tables);
    ScanParts parts = new ScanParts(tables);
    ScanBackward.Call call = new ScanBackward.Call(tables, in, dy, states, out, sums, parts);
    workers.forEach(
        tables.geometry.batch() * tables.groups * parts.count(),
        work(tables) * tables.blocks / parts.count(),
        (from, to) -> {
          ScanBackward scan = backward.get();
          for (int i = from; i < to; i++) {
            int map = i / parts.count();
            scan.part(call, map / tables.groups, map % tables.groups, i % parts.count());
          }
        });
    parts.add(workers, out.db(), out.dc());
    writeRates(tables, total(sums.rates(), tables.rates.length), out.daLog());
    writeRows(tables, total(sums.skip(), tables.skip.length), out.dskip());
    writeRows(tables, total(sums.bias(), tables.bias.length), out.dbias());
  }

  /** Adds the samples' tables up in the first, in their order. */
  private static float[] total(float[] tables, int size) {
    for (int i = 0; i < size; i += WIDTH) {
      FloatVector sum = FloatVector.fromArray(SPECIES, tables, i);
      for (int from = size + i; from < tables.length; from += size) {
        sum = sum.add(FloatVector.fromArray(SPECIES, tables, from));
      }
      sum.intoArray(tables, i);
    }
    return tables;
  }

  /** The derivative of {@code A = -exp(aLog)} is {@code A}, which is rate times ln 2. */
  private static void writeRates(ScanTables tables, float[] drates, Tensor daLog) {
    for (int i = 0; i < tables.rates.length; i += WIDTH) {
      FloatVector.fromArray(SPECIES, drates, i)
          .mul(FloatVector.fromArray(SPECIES, tables.rates, i))
          .mul(ScanMath.LN_2)
          .intoArray(drates, i);
    }
    for (int row = 0; row < tables.directions * tables.channels; row++) {
      int channel = row % tables.channels;
      int from = tables.rate(row / tables.channels, channel / WIDTH) + channel % WIDTH;
      for (int n = 0; n < tables.states; n++) {
        Lanes.put(daLog.bytes(), row * tables.states + n, drates[from + n * WIDTH]);
      }
    }
  }

  private static void writeRows(ScanTables tables, float[] values, Optional<Tensor> to) {
    if (to.isPresent()) {
      for (int row = 0; row < to.get().size(); row++) {
        int from = tables.row(row / tables.channels, 0) + row % tables.channels;
        Lanes.put(to.get().bytes(), row, values[from]);
      }
    }
  }
}
