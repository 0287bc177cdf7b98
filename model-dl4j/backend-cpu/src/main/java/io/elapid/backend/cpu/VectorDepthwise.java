package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;

import io.elapid.kernel.ConvolutionKernel;
import io.elapid.kernel.ConvolutionShape;
import io.elapid.kernel.Workers;
import java.util.Arrays;
import java.util.stream.IntStream;
import jdk.incubator.vector.FloatVector;

/** Depthwise convolutions, map by map in a {@link DepthwiseGrid}. */
final class VectorDepthwise implements ConvolutionKernel {
  /** Sums run in float over about this many values, then go on in double. */
  private static final int CHUNK = 4096;

  private final ConvolutionShape shape;
  private final Workers workers;
  private final DepthwiseGrid grid;
  private final DepthwiseTaps forward;
  private final int[][] tapsOfPhase;
  private final DepthwiseTaps[] backward;

  VectorDepthwise(ConvolutionShape shape, Workers workers) {
    this.shape = shape;
    this.workers = workers;
    grid = new DepthwiseGrid(shape);
    forward =
        DepthwiseTaps.of(
            IntStream.range(0, grid.taps())
                .map(k -> grid.phaseOf(k) * grid.phase + grid.shiftOf(k))
                .toArray());
    tapsOfPhase = new int[grid.phases()][];
    backward = new DepthwiseTaps[grid.phases()];
    for (int phase = 0; phase < grid.phases(); phase++) {
      int own = phase;
      tapsOfPhase[phase] =
          IntStream.range(0, grid.taps()).filter(k -> grid.phaseOf(k) == own).toArray();
      backward[phase] =
          DepthwiseTaps.of(
              Arrays.stream(tapsOfPhase[phase]).map(k -> grid.reach - grid.shiftOf(k)).toArray());
    }
  }

  /** Whether this is the kernel for a shape. */
  static boolean fits(ConvolutionShape shape) {
    return shape.isDepthwise() && shape.outputs() == shape.channels();
  }

  private void forEachMap(Workers.Range body) {
    workers.forEach(
        shape.batch() * shape.channels(),
        Math.max(shape.positions(), (long) shape.outputPositions() * grid.taps()),
        body);
  }

  @Override
  public void forward(Forward a) {
    GemmEpilogue epilogue = GemmEpilogue.of(a, shape.outputs());
    forEachMap(
        (from, to) -> {
          float[] x = grid.inputScratch();
          float[] y = new float[grid.outputs + WIDTH];
          float[] weights = forward.weights();
          for (int map = from; map < to; map++) {
            int c = map % shape.channels();
            for (int k = 0; k < grid.taps(); k++) {
              weights[k] = Lanes.get(a.w().bytes(), c * grid.taps() + k);
            }
            grid.loadInput(a.x().bytes(), map * shape.positions(), x);
            forward.sum(x, weights, y, 0, grid.outputs);
            epilogue.apply(c, y, grid.outputs);
            grid.storeOutput(y, a.y().bytes(), map * shape.outputPositions());
          }
        });
  }

  @Override
  public void inputGradient(InputGradient a) {
    forEachMap(
        (from, to) -> {
          float[] dy = new float[grid.reach + Math.max(grid.inputs, grid.outputs) + WIDTH];
          float[] dx = grid.inputScratch();
          for (int map = from; map < to; map++) {
            grid.loadOutput(a.dy().bytes(), map * shape.outputPositions(), dy, grid.reach);
            for (int phase = 0; phase < backward.length; phase++) {
              float[] weights = backward[phase].weights();
              for (int k = 0; k < tapsOfPhase[phase].length; k++) {
                weights[k] =
                    Lanes.get(
                        a.w().bytes(),
                        map % shape.channels() * grid.taps() + tapsOfPhase[phase][k]);
              }
              backward[phase].sum(dy, weights, dx, phase * grid.phase, grid.inputs);
            }
            grid.storeInput(dx, a.dx().bytes(), map * shape.positions());
          }
        });
  }

  @Override
  public void weightGradient(WeightGradient a) {
    int chunk = Math.max(1, CHUNK / shape.outputPositions());
    workers.forEach(
        shape.channels(),
        (long) shape.batch() * shape.outputPositions() * grid.taps(),
        (from, to) -> {
          float[] x = grid.inputScratch();
          float[] dy = new float[grid.outputs + WIDTH];
          float[] sums = new float[forward.offsets().length * WIDTH];
          double[] totals = new double[grid.taps()];
          for (int c = from; c < to; c++) {
            Arrays.fill(totals, 0);
            for (int b = 0; b < shape.batch(); b++) {
              int map = b * shape.channels() + c;
              grid.loadInput(a.x().bytes(), map * shape.positions(), x);
              grid.loadOutput(a.dy().bytes(), map * shape.outputPositions(), dy, 0);
              forward.dot(dy, x, grid.outputs, sums);
              if ((b + 1) % chunk == 0 || b + 1 == shape.batch()) {
                flush(sums, totals);
              }
            }
            for (int k = 0; k < totals.length; k++) {
              a.dw().put(c * totals.length + k, totals[k]);
            }
          }
        });
    a.dbias().ifPresent(dbias -> PointwiseConvolution.sums(workers, shape, a.dy(), dbias));
  }

  private static void flush(float[] sums, double[] totals) {
    for (int k = 0; k < totals.length; k++) {
      totals[k] += Lanes.sum(FloatVector.fromArray(SPECIES, sums, k * WIDTH));
    }
    Arrays.fill(sums, 0);
  }
}
