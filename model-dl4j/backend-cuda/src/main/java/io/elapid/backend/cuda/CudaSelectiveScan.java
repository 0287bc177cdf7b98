package io.elapid.backend.cuda;

import io.elapid.backend.cuda.Launch.Arguments;
import io.elapid.kernel.SelectiveScanKernel;
import io.elapid.kernel.Tensor;
import java.util.Optional;

/**
 * Scans of floats with up to 16 states, see {@code scan.cuh}; others are left to the set on the
 * CPU.
 */
final class CudaSelectiveScan implements SelectiveScanKernel {
  private final Device device;
  private final PositionTables tables;
  private final Storage storage;
  private final SelectiveScanKernel host;

  CudaSelectiveScan(
      Device device, PositionTables tables, Storage storage, SelectiveScanKernel host) {
    this.device = device;
    this.tables = tables;
    this.storage = storage;
    this.host = host;
  }

  private static boolean isOurs(Inputs in) {
    return Frame.takes(in.u()) && ScanPlan.covers(in.geometry());
  }

  /** What a scan's launches share: its plan, and the structs of sizes and inputs. */
  private record Call(Frame frame, Storage storage, ScanPlan plan, int[] sizes, long[] inputs) {
    private static final int U = 0;
    private static final int RATES = 4;

    /** The inputs with another map in the place of {@code u}. */
    long[] of(long map) {
      long[] changed = inputs.clone();
      changed[U] = map;
      return changed;
    }

    /** A launch of a file's entry for this kind of storage. */
    Launch launch(String file, String entry, Launch.Shape shape, Arguments arguments) {
      return Launch.of(storage.named(file), storage.named(entry), shape, arguments);
    }

    /** The entry for this number of states. */
    String entry(String name) {
      return name + "_" + plan.states();
    }

    Arguments arguments(long[] in) {
      return new Arguments().struct(sizes).struct(in);
    }

    /** A map's values in the order of steps. */
    long gather(long map) {
      long rows = frame.scratch(plan.sequenceElements(), storage);
      frame.launch(
          launch(
              "scan_sequences",
              "scan_gather",
              plan.sequencesShape(),
              arguments(inputs).pointers(map).numbers(plan.window()).pointers(rows)));
      return rows;
    }

    /**
     * What every segment begins with, 0 (null) where there is one: states, or with {@code dy} the
     * derivatives that come from behind.
     */
    long starts(Optional<Long> dy) {
      if (plan.segments() == 1) {
        return 0;
      }
      long starts = frame.scratch(plan.segmentStates());
      long totals = frame.scratch(plan.segmentTotals());
      String entry = dy.isPresent() ? "scan_segment_carries" : "scan_segment_ends";
      frame.launch(
          launch(
              "scan_segments",
              entry(entry),
              plan.segmentShape(),
              arguments(dy.map(this::of).orElse(inputs))
                  .numbers(plan.segmentSteps(), plan.window())
                  .pointers(starts, totals)));
      int sequences = plan.geometry().batch() * plan.geometry().directions();
      frame.launch(
          launch(
              "scan_segments",
              "scan_segment_starts",
              Launch.Shape.elements(plan.segmentStates() / plan.segments()),
              new Arguments()
                  .struct(sizes)
                  .pointers(inputs[RATES])
                  .numbers(sequences, plan.segments(), dy.isPresent() ? 1 : 0)
                  .pointers(totals, starts)));
      return starts;
    }
  }

  private Call call(Frame frame, Inputs in) {
    ScanPlan plan = ScanPlan.of(in.geometry(), device.multiprocessors(), device.sharedBytes());
    long[] inputs = {
      frame.in(in.u(), storage),
      frame.in(in.delta(), storage),
      frame.in(in.b(), storage),
      frame.in(in.c(), storage),
      frame.in(in.aLog()),
      frame.in(in.skip()),
      frame.in(in.bias()),
      tables.of(in.geometry()),
      tables.places(in.geometry(), plan.window())
    };
    return new Call(frame, storage, plan, plan.sizes(in), inputs);
  }

  @Override
  public void forward(Inputs in, Tensor y, Tensor states) {
    if (!isOurs(in)) {
      host.forward(in, y, states);
      return;
    }
    try (Frame frame = new Frame(device, "selective scan")) {
      Call call = call(frame, in);
      ScanPlan plan = call.plan();
      long sum = frame.out(y, storage);
      long saved = frame.out(states);
      if (plan.isMerged()) {
        frame.launch(
            call.launch(
                "scan_merged",
                call.entry("scan_merged"),
                plan.mergedShape(),
                call.arguments(call.inputs()).pointers(sum, saved)));
      } else {
        long parts = plan.slices() == 1 ? sum : frame.scratch(plan.slices() * plan.mapElements());
        frame.launch(
            call.launch(
                "scan_forward",
                call.entry("scan_forward"),
                plan.forwardShape(),
                call.arguments(call.inputs())
                    .pointers(call.starts(Optional.empty()))
                    .numbers(plan.segmentSteps(), plan.window())
                    .wide(plan.slice())
                    .pointers(parts, saved)));
        if (plan.slices() > 1) {
          frame.sumSlices(parts, plan.slices(), plan.mapElements(), sum, storage);
        }
      }
      frame.finish();
    }
  }

  @Override
  public void gradient(Inputs in, Tensor dy, Tensor states, Outputs out) {
    if (!isOurs(in)) {
      host.gradient(in, dy, states, out);
      return;
    }
    try (Frame frame = new Frame(device, "gradient of selective scan")) {
      Call call = call(frame, in);
      ScanPlan plan = call.plan();
      long dyAddress = frame.in(dy, storage);
      Parts du = parts(frame, plan.slices(), plan.mapElements(), out.du());
      Parts db = parts(frame, plan.groups(), plan.stepStates(), out.db());
      Parts dc = parts(frame, plan.groups(), plan.stepStates(), out.dc());
      int segments = plan.geometry().batch() * plan.segments();
      long rates = plan.rows() * plan.geometry().states();
      Parts daLog = floats(frame, segments, rates, Optional.of(out.daLog()));
      Parts dskip = floats(frame, segments, plan.rows(), out.dskip());
      Parts dbias = floats(frame, segments, plan.rows(), out.dbias());
      long ddelta = frame.out(out.ddelta(), storage);
      long duRows = frame.scratch(plan.sequenceElements());
      frame.launch(
          call.launch(
              "scan_gradient",
              call.entry("scan_gradient"),
              plan.gradientShape(),
              call.arguments(call.of(call.gather(call.inputs()[Call.U])))
                  .pointers(
                      call.gather(dyAddress), frame.in(states), call.starts(Optional.of(dyAddress)))
                  .numbers(plan.segmentSteps())
                  .struct(
                      duRows,
                      ddelta,
                      db.address(),
                      dc.address(),
                      daLog.address(),
                      dskip.address(),
                      dbias.address())));
      frame.launch(
          call.launch(
              "scan_sequences",
              "scan_scatter",
              plan.sequencesShape(),
              call.arguments(call.inputs())
                  .pointers(duRows)
                  .numbers(plan.window())
                  .wide(plan.slice())
                  .pointers(du.address())));
      for (Parts parts : new Parts[] {du, db, dc, daLog, dskip, dbias}) {
        parts.addUp();
      }
      frame.finish();
    }
  }

  private Parts parts(Frame frame, int slices, long elements, Tensor result) {
    return new Parts(frame, storage, slices, elements, frame.out(result, storage));
  }

  private static Parts floats(Frame frame, int slices, long elements, Optional<Tensor> result) {
    return new Parts(frame, Storage.FLOAT32, slices, elements, frame.out(result));
  }

  /**
   * A result that a kernel writes in parts, of floats; the result itself, as it is stored, where
   * there is one part.
   */
  private static final class Parts {
    private final Frame frame;
    private final Storage storage;
    private final int slices;
    private final long elements;
    private final long sum;
    private final long address;

    Parts(Frame frame, Storage storage, int slices, long elements, long sum) {
      this.frame = frame;
      this.storage = storage;
      this.slices = slices;
      this.elements = elements;
      this.sum = sum;
      address = sum == 0 || slices == 1 ? sum : frame.scratch(slices * elements);
    }

    /** Where the kernel writes; 0 when nobody wants the result. */
    long address() {
      return address;
    }

    void addUp() {
      if (sum != 0 && slices > 1) {
        frame.sumSlices(address, slices, elements, sum, storage);
      }
    }
  }
}
