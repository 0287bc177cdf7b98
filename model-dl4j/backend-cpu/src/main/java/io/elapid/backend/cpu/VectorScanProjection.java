package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;

import io.elapid.kernel.ScanProjectionKernel;
import io.elapid.kernel.Tensor;
import io.elapid.kernel.Workers;
import jdk.incubator.vector.FloatVector;

/** Sample by sample as matrix products; see {@link ProjectedSample}. */
final class VectorScanProjection implements ScanProjectionKernel {
  private final Workers workers;
  private final ScanProjectionKernel reference;
  private final ThreadLocal<ProjectedSample> scratch =
      ThreadLocal.withInitial(ProjectedSample::new);

  VectorScanProjection(Workers workers, ScanProjectionKernel reference) {
    this.workers = workers;
    this.reference = reference;
  }

  /** Multiply-adds for one sample, by register. */
  private static long work(ScanColumns columns) {
    int steps = columns.geometry.steps() * columns.geometry.directions();
    return (long) steps * columns.geometry.channels() * (columns.rows + columns.rank) / WIDTH;
  }

  @Override
  public void forward(Inputs in, Outputs out) {
    if (!Lanes.areFloat(in.x())) {
      reference.forward(in, out);
      return;
    }
    ScanColumns columns = new ScanColumns(in);
    ProjectionWeights weights = ProjectionWeights.forward(columns, in);
    workers.forEach(
        columns.geometry.batch(),
        work(columns),
        (from, to) -> {
          ProjectedSample sample = scratch.get();
          for (int s = from; s < to; s++) {
            sample.forward(columns, weights, in, out, s);
          }
        });
  }

  @Override
  public void gradient(Inputs in, Gradient a) {
    if (!Lanes.areFloat(in.x())) {
      reference.gradient(in, a);
      return;
    }
    ScanColumns columns = new ScanColumns(in);
    ProjectionWeights weights = ProjectionWeights.gradient(columns, in);
    int batch = columns.geometry.batch();
    float[] projections = new float[batch * in.xProj().size()];
    float[] steps = new float[batch * in.dtWeight().size()];
    workers.forEach(
        batch,
        2 * work(columns),
        (from, to) -> {
          ProjectedSample sample = scratch.get();
          for (int s = from; s < to; s++) {
            int first = s * in.xProj().size();
            int second = s * in.dtWeight().size();
            sample.gradient(columns, weights, in, a, s, projections, first, steps, second);
          }
        });
    addUp(projections, a.dxProj().size());
    addUp(steps, a.ddtWeight().size());
    for (int i = 0; i < a.dxProj().size(); i++) {
      Lanes.put(a.dxProj().bytes(), i, projections[i]);
    }
    transposed(steps, columns, a.ddtWeight());
  }

  /** Adds the samples' tables up in the first, in their order. */
  private static void addUp(float[] tables, int size) {
    int i = 0;
    for (; i <= size - WIDTH; i += WIDTH) {
      FloatVector sum = FloatVector.fromArray(SPECIES, tables, i);
      for (int from = size + i; from < tables.length; from += size) {
        sum = sum.add(FloatVector.fromArray(SPECIES, tables, from));
      }
      sum.intoArray(tables, i);
    }
    for (; i < size; i++) {
      for (int from = size + i; from < tables.length; from += size) {
        tables[i] += tables[from];
      }
    }
  }

  /** (K, R, D) to (K, D, R). */
  private static void transposed(float[] from, ScanColumns columns, Tensor to) {
    int channels = columns.geometry.channels();
    for (int k = 0; k < columns.geometry.directions(); k++) {
      for (int r = 0; r < columns.rank; r++) {
        for (int d = 0; d < channels; d++) {
          float value = from[(k * columns.rank + r) * channels + d];
          Lanes.put(to.bytes(), (k * channels + d) * columns.rank + r, value);
        }
      }
    }
  }
}
