package io.elapid.backend.cuda;

import io.elapid.kernel.ActivationKind;
import io.elapid.kernel.BatchNormKernel;
import io.elapid.kernel.ConvolutionKernel;
import io.elapid.kernel.ConvolutionShape;
import io.elapid.kernel.ElementType;
import io.elapid.kernel.GatedResidualKernel;
import io.elapid.kernel.HiddenStateKernel;
import io.elapid.kernel.KernelSet;
import io.elapid.kernel.LayerNormKernel;
import io.elapid.kernel.OptimizerKernel;
import io.elapid.kernel.ReferenceConvolution;
import io.elapid.kernel.Roi;
import io.elapid.kernel.RoiPooling;
import io.elapid.kernel.ScanGeometry;
import io.elapid.kernel.ScanOrder;
import io.elapid.kernel.ScanProjectionKernel;
import io.elapid.kernel.SelectiveScanKernel.Inputs;
import io.elapid.kernel.SelectiveScanKernel.Outputs;
import io.elapid.kernel.StepRule;
import io.elapid.kernel.Tensor;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Every kernel once or a few times, with what it writes as the result: for runs on other devices
 * and under other tools, where the whole contract would take too long.
 */
final class KernelChecks {
  private final Map<String, Check> checks = new LinkedHashMap<>();

  /** What runs, and what the device stores of it. */
  record Check(Storage storage, Function<KernelSet, List<Tensor>> run) {
    /** Runs on the device and by the plain loops. */
    void compare() {
      Gpu.compare(run, storage, 2e-5);
    }
  }

  private KernelChecks() {
    for (Storage storage : Storage.values()) {
      scans(storage);
    }
    scanProjections();
    hiddenState();
    batchNorms();
    layerNorm();
    gatedResidual();
    haar();
    roiAlign();
    suppression();
    linear();
    crossEntropy();
    depthwise();
    optimizer();
  }

  /** By name. */
  static Map<String, Check> all() {
    return new KernelChecks().checks;
  }

  private void add(String name, Function<KernelSet, List<Tensor>> run) {
    checks.put(name, new Check(Storage.FLOAT32, run));
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
    ScanGeometry g = in.geometry();
    int rows = in.aLog().dim(0);
    long[] map = {g.batch(), g.mapChannels(), g.height(), g.width()};
    Tensor y = Filled.empty(map);
    Tensor states =
        Filled.empty(g.batch(), g.directions(), g.savedStates(), g.states(), g.channels());
    set.selectiveScan().forward(in, y, states);
    Outputs out =
        new Outputs(
            Filled.empty(map),
            Filled.empty(steps(g, g.channels())),
            Filled.empty(steps(g, g.states())),
            Filled.empty(steps(g, g.states())),
            Filled.empty(rows, g.states()),
            in.skip().map(t -> Filled.empty(rows)),
            in.bias().map(t -> Filled.empty(rows)));
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
      checks.put("scan in " + storage + ", " + g, new Check(storage, set -> scan(set, in, dy)));
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

  private void batchNorms() {
    for (ActivationKind kind : ActivationKind.values()) {
      Filled filled = new Filled(3);
      Tensor x = filled.tensor(-1, 3, 3, 5, 41, 37);
      Tensor dy = filled.tensor(-1, 1, 3, 5, 41, 37);
      Tensor gamma = filled.tensor(0.5, 1.5, 5);
      Tensor beta = filled.tensor(-0.5, 0.5, 5);
      add("batch norm " + kind, set -> batchNorm(set, kind, x, dy, gamma, beta));
    }
  }

  private static List<Tensor> batchNorm(
      KernelSet set, ActivationKind kind, Tensor x, Tensor dy, Tensor gamma, Tensor beta) {
    List<Tensor> all = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      all.add(Filled.empty(3, 5, 41, 37));
    }
    for (int i = 0; i < 5; i++) {
      all.add(Filled.empty(5));
    }
    Tensor mean = all.get(3);
    Tensor invStd = all.get(5);
    BatchNormKernel kernel = set.batchNorm();
    kernel.train(
        new BatchNormKernel.Train(
            x, gamma, beta, 1e-5, kind, all.get(0), mean, all.get(4), invStd));
    kernel.repeat(new BatchNormKernel.Repeat(x, gamma, beta, mean, invStd, kind, all.get(1)));
    kernel.trainGradient(
        new BatchNormKernel.TrainGradient(
            dy, x, gamma, beta, mean, invStd, kind, all.get(2), all.get(6), all.get(7)));
    return all;
  }

  private void layerNorm() {
    Filled filled = new Filled(4);
    Tensor x = filled.tensor(-1, 3, 3, 37, 9, 5);
    Tensor dy = filled.tensor(-1, 1, 3, 37, 9, 5);
    Tensor weight = filled.tensor(0.5, 1.5, 37);
    Tensor bias = filled.tensor(-0.5, 0.5, 37);
    add(
        "layer norm",
        set -> {
          Tensor y = Filled.empty(3, 37, 9, 5);
          Tensor dx = Filled.empty(3, 37, 9, 5);
          Tensor mean = Filled.empty(3, 45);
          Tensor invStd = Filled.empty(3, 45);
          Tensor dweight = Filled.empty(37);
          Tensor dbias = Filled.empty(37);
          set.layerNorm()
              .forward(new LayerNormKernel.Forward(x, weight, bias, 1e-6, y, mean, invStd));
          set.layerNorm()
              .gradient(
                  new LayerNormKernel.Gradient(dy, x, weight, mean, invStd, dx, dweight, dbias));
          return List.of(y, mean, invStd, dx, dweight, dbias);
        });
  }

  private void gatedResidual() {
    Filled filled = new Filled(5);
    Tensor x = filled.tensor(-1, 1, 2, 6, 51, 50);
    Tensor f = filled.tensor(-1, 1, 2, 6, 51, 50);
    Tensor dy = filled.tensor(-1, 1, 2, 6, 51, 50);
    Tensor alpha = filled.tensor(-3, -1, 4, 6);
    add(
        "gated residual",
        set -> {
          Tensor y = Filled.empty(2, 6, 51, 50);
          Tensor dx = Filled.empty(2, 6, 51, 50);
          Tensor df = Filled.empty(2, 6, 51, 50);
          Tensor dalpha = Filled.empty(4, 6);
          set.gatedResidual().forward(x, f, alpha, 2, y);
          set.gatedResidual()
              .gradient(new GatedResidualKernel.Gradient(dy, x, f, alpha, 2, dx, df, dalpha));
          return List.of(y, dx, df, dalpha);
        });
  }

  private void haar() {
    Tensor x = new Filled(6).tensor(-1, 1, 2, 3, 7, 9);
    add(
        "haar",
        set -> {
          Tensor y = Filled.empty(2, 12, 4, 5);
          Tensor back = Filled.empty(2, 3, 7, 9);
          set.haar().forward(x, y);
          set.haar().inverse(y, back);
          return List.of(y, back);
        });
  }

  private void roiAlign() {
    Filled filled = new Filled(10);
    List<Tensor> levels =
        List.of(filled.tensor(-1, 1, 2, 5, 24, 31), filled.tensor(-1, 1, 2, 5, 12, 16));
    Tensor rois = filled.tensor(0, 1, 7, Roi.NUMBERS);
    double[][] regions = {
      {0, 3, 5, 40, 30},
      {1, -20, 10, 90, 95},
      {-1, 0, 0, 0, 0},
      {1, 60, 60, 62, 61},
      {0, 0.5, 0.25, 9, 9.5},
      {1, 200, 200, 240, 260},
      {0, 0, 0, 124, 96}
    };
    for (int row = 0; row < regions.length; row++) {
      for (int i = 0; i < Roi.NUMBERS; i++) {
        rois.put(row * Roi.NUMBERS + i, regions[row][i]);
      }
    }
    RoiPooling pooling = new RoiPooling(7, 6, 0, RoiPooling.Alignment.ALIGNED, 4, 20);
    Tensor dy = filled.tensor(-1, 1, 7, 5, 7, 6);
    add(
        "RoIAlign",
        set -> {
          Tensor y = Filled.empty(7, 5, 7, 6);
          List<Tensor> dlevels = List.of(Filled.empty(2, 5, 24, 31), Filled.empty(2, 5, 12, 16));
          set.roiAlign().forward(levels, rois, pooling, y);
          set.roiAlign().gradient(dy, rois, pooling, dlevels);
          return List.of(y, dlevels.get(0), dlevels.get(1));
        });
  }

  private void suppression() {
    for (int count : new int[] {1, 64, 300}) {
      Filled filled = new Filled(11);
      Tensor centres = filled.tensor(0, 40, 2, count);
      Tensor sides = filled.tensor(4, 24, 2, count);
      float[] boxes = new float[4 * count];
      int[] kinds = new int[count];
      for (int i = 0; i < boxes.length; i++) {
        int axis = i % 2 * count + i / 4;
        boxes[i] = (float) (centres.at(axis) + (i % 4 < 2 ? -0.5 : 0.5) * sides.at(axis));
        kinds[i / 4] = 3 * (i / 4) / count;
      }
      boxes[count / 2] = Float.NaN;
      add(
          "suppression of " + count,
          set -> {
            Tensor kept = Filled.empty(count);
            BitSet found = set.suppression().keep(boxes, kinds, 0.3, count);
            for (int i = 0; i < count; i++) {
              kept.put(i, found.get(i) ? 1 : 0);
            }
            return List.of(kept);
          });
    }
  }

  private void linear() {
    for (int[] sizes : new int[][] {{19, 70, 75}, {520, 9, 1025}, {65, 4100, 65}}) {
      int batch = sizes[0];
      int inputs = sizes[1];
      int outputs = sizes[2];
      Filled filled = new Filled(13);
      Tensor x = filled.tensor(-1, 1, batch, inputs);
      Tensor w = filled.tensor(-1, 1, outputs, inputs);
      Tensor bias = filled.tensor(-1, 1, outputs);
      Tensor dy = filled.tensor(-1, 1, batch, outputs);
      add(
          "linear of %d from %d to %d".formatted(batch, inputs, outputs),
          set -> {
            Tensor y = Filled.empty(batch, outputs);
            Tensor dx = Filled.empty(batch, inputs);
            Tensor dw = Filled.empty(outputs, inputs);
            Tensor dbias = Filled.empty(outputs);
            set.linear().forward(x, w, bias, y);
            set.linear().gradient(dy, x, w, dx, dw, dbias);
            return List.of(y, dx, dw, dbias);
          });
    }
  }

  private void crossEntropy() {
    Filled filled = new Filled(7);
    Tensor logits = filled.tensor(-4, 4, 5, 101);
    Tensor targets = filled.tensor(0, 0.1, 5, 101);
    Tensor dloss = filled.tensor(1, 2, 1);
    add(
        "cross entropy",
        set -> {
          Tensor loss = Filled.empty(1);
          Tensor probabilities = Filled.empty(5, 101);
          Tensor dlogits = Filled.empty(5, 101);
          set.crossEntropy().forward(logits, targets, loss, probabilities);
          set.crossEntropy().gradient(dloss, targets, probabilities, dlogits);
          return List.of(loss, probabilities, dlogits);
        });
  }

  private void depthwise() {
    for (int[] kernel : new int[][] {{3, 3, 1}, {3, 3, 2}, {5, 5, 1}, {7, 7, 1}, {1, 7, 1}}) {
      int height = kernel[0];
      int width = kernel[1];
      int stride = kernel[2];
      ConvolutionShape shape =
          new ConvolutionShape(
              3, 4, 60, 55, 4, height, width, stride, stride, height / 2, width / 2, 4);
      Filled filled = new Filled(8);
      Tensor x = filled.tensor(-1, 1, 3, 4, 60, 55);
      Tensor w = filled.tensor(-1, 1, 4, 1, height, width);
      Tensor scale = filled.tensor(0.5, 1.5, 4);
      Tensor dy = filled.tensor(-1, 1, 3, 4, shape.outputHeight(), shape.outputWidth());
      add(
          "depthwise " + shape,
          set -> {
            ConvolutionKernel convolution =
                set.convolution(shape, ElementType.FLOAT)
                    .orElseGet(() -> new ReferenceConvolution(shape));
            Tensor y = Filled.empty(3, 4, shape.outputHeight(), shape.outputWidth());
            Tensor dx = Filled.empty(3, 4, 60, 55);
            Tensor dw = Filled.empty(4, 1, height, width);
            Tensor dbias = Filled.empty(4);
            convolution.forward(
                new ConvolutionKernel.Forward(
                    x, w, Optional.of(scale), Optional.empty(), ActivationKind.SILU, y));
            convolution.inputGradient(new ConvolutionKernel.InputGradient(dy, w, dx));
            convolution.weightGradient(
                new ConvolutionKernel.WeightGradient(dy, x, dw, Optional.of(dbias)));
            return List.of(y, dx, dw, dbias);
          });
    }
  }

  private void optimizer() {
    add(
        "AdamW",
        set -> {
          Filled filled = new Filled(9);
          Tensor p = filled.tensor(-1, 1, 1000);
          Tensor g = filled.tensor(-1, 1, 1000);
          Tensor m = filled.tensor(-1, 1, 1000);
          Tensor v = filled.tensor(0, 1, 1000);
          Tensor average = filled.tensor(-1, 1, 1000);
          OptimizerKernel kernel = set.optimizer();
          kernel.clipUnits(
              p,
              g,
              List.of(new OptimizerKernel.Units(5, 7, 9), new OptimizerKernel.Units(100, 1, 500)),
              new OptimizerKernel.UnitClip(0.5, 0.4, 1e-3));
          kernel.adamW(
              new OptimizerKernel.Vectors(p, g, m, v, Optional.of(average)),
              List.of(
                  new OptimizerKernel.Range(3, 300, 0.9, 1),
                  new OptimizerKernel.Range(500, 999, 1, 0.5)),
              new OptimizerKernel.Coefficients(0.25, 0.9, 0.999, 1e-2, 4.5, 1e-8, 0.99));
          Tensor squares = Filled.empty(1);
          squares.put(0, kernel.squares(g));
          kernel.blend(average, 0.5, p, 0.25);
          Tensor scaled = Filled.empty(1000);
          kernel.scale(v, 3, scaled);
          return List.of(p, g, m, v, average, squares, scaled);
        });
  }
}
