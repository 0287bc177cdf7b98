package io.elapid.backend.cuda;

import io.elapid.kernel.ActivationKind;
import io.elapid.kernel.BatchNormKernel;
import io.elapid.kernel.ChannelAffineKernel;
import io.elapid.kernel.ConvolutionKernel;
import io.elapid.kernel.ConvolutionShape;
import io.elapid.kernel.ElementType;
import io.elapid.kernel.FoldingKernel;
import io.elapid.kernel.GatedResidualKernel;
import io.elapid.kernel.HiddenStateKernel;
import io.elapid.kernel.KernelSet;
import io.elapid.kernel.LayerNormKernel;
import io.elapid.kernel.LossGroups;
import io.elapid.kernel.LossKernel;
import io.elapid.kernel.OptimizerKernel;
import io.elapid.kernel.ReferenceConvolution;
import io.elapid.kernel.Resampling;
import io.elapid.kernel.Roi;
import io.elapid.kernel.RoiPooling;
import io.elapid.kernel.ScanGeometry;
import io.elapid.kernel.ScanOrder;
import io.elapid.kernel.ScanProjectionKernel;
import io.elapid.kernel.SelectiveScanKernel.Inputs;
import io.elapid.kernel.SelectiveScanKernel.Outputs;
import io.elapid.kernel.ShortcutNormKernel;
import io.elapid.kernel.StepRule;
import io.elapid.kernel.Tensor;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;

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
    shortcutNorm();
    activations();
    sums();
    gates();
    channelScale();
    channelAffine();
    channelCopies();
    haar();
    laplace();
    patches();
    softmaxMix();
    distillation();
    roiAlign();
    suppression();
    resample();
    classSelect();
    denseLosses();
    linear();
    crossEntropy();
    convolutions();
    folding();
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
    gatedResidualInPlace(x, f, dy, alpha);
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

  /** For results that lie where operands do. */
  private static Tensor copy(Tensor tensor) {
    Tensor copy =
        Tensor.zeros(
            tensor.type(), IntStream.range(0, tensor.rank()).mapToLong(tensor::dim).toArray());
    copy.bytes().put(0, tensor.bytes(), 0, tensor.bytes().capacity());
    return copy;
  }

  private void gatedResidualInPlace(Tensor x, Tensor f, Tensor dy, Tensor alpha) {
    add(
        "gated residual in place",
        set -> {
          Tensor y = copy(f);
          Tensor dx = copy(dy);
          Tensor df = Filled.empty(2, 6, 51, 50);
          Tensor dalpha = Filled.empty(4, 6);
          set.gatedResidual().forward(x, y, alpha, 1, y);
          set.gatedResidual()
              .gradient(new GatedResidualKernel.Gradient(dx, x, f, alpha, 1, dx, df, dalpha));
          return List.of(y, dx, df, dalpha);
        });
  }

  private void shortcutNorm() {
    for (boolean inPlace : new boolean[] {false, true}) {
      Filled filled = new Filled(12);
      long[] shape = {3, 5, 41, 37};
      Tensor u = filled.tensor(-1, 3, shape);
      Tensor x = filled.tensor(-1, 2, shape);
      Tensor dy = filled.tensor(-1, 1, shape);
      ShortcutNormKernel.Parameters parameters =
          new ShortcutNormKernel.Parameters(
              filled.tensor(-1, 1, 5),
              filled.tensor(-1, 1, 5),
              filled.tensor(0.5, 1.5, 5),
              filled.tensor(-0.5, 0.5, 5),
              filled.tensor(0.5, 1.5, 5),
              filled.tensor(-0.5, 0.5, 5));
      add(
          "shortcut norm" + (inPlace ? " in place" : ""),
          set -> shortcutNorm(set, copy(dy), copy(u), x, parameters, inPlace));
    }
  }

  private static List<Tensor> shortcutNorm(
      KernelSet set,
      Tensor dy,
      Tensor u,
      Tensor x,
      ShortcutNormKernel.Parameters parameters,
      boolean inPlace) {
    List<Tensor> vectors = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      vectors.add(Filled.empty(5));
    }
    Tensor y = Filled.empty(3, 5, 41, 37);
    set.shortcutNorm()
        .forward(
            new ShortcutNormKernel.Forward(
                u,
                x,
                parameters,
                1e-5,
                y,
                new ShortcutNormKernel.Statistics(vectors.get(0), vectors.get(1), vectors.get(2)),
                new ShortcutNormKernel.Statistics(vectors.get(3), vectors.get(4), vectors.get(5))));
    Tensor du = inPlace ? dy : Filled.empty(3, 5, 41, 37);
    Tensor dx = inPlace ? u : Filled.empty(3, 5, 41, 37);
    set.shortcutNorm()
        .gradient(
            new ShortcutNormKernel.Gradient(
                dy,
                u,
                x,
                parameters,
                new ShortcutNormKernel.Saved(vectors.get(0), vectors.get(2)),
                new ShortcutNormKernel.Saved(vectors.get(3), vectors.get(5)),
                du,
                dx,
                new ShortcutNormKernel.Parameters(
                    vectors.get(6),
                    vectors.get(7),
                    vectors.get(8),
                    vectors.get(9),
                    vectors.get(10),
                    vectors.get(11))));
    // the gradients of bias and of the inner beta are sums of nothing but rounding errors
    vectors.set(7, y);
    vectors.set(9, du);
    vectors.add(dx);
    return vectors;
  }

  private void activations() {
    for (ActivationKind kind : ActivationKind.values()) {
      Filled filled = new Filled(13);
      Tensor x = filled.tensor(-6, 6, 3, 5, 67);
      Tensor dy = filled.tensor(-1, 1, 3, 5, 67);
      add(
          "activation " + kind,
          set -> {
            Tensor y = Filled.empty(3, 5, 67);
            Tensor dx = Filled.empty(3, 5, 67);
            Tensor z = copy(x);
            Tensor dz = copy(dy);
            set.activation().forward(kind, x, y);
            set.activation().forward(kind, z, z);
            Tensor saved = kind.differentiatesFromOutput() ? y : x;
            set.activation().gradient(kind, dy, saved, dx);
            set.activation().gradient(kind, dz, saved, dz);
            return List.of(y, z, dx, dz);
          });
    }
  }

  private void sums() {
    for (int count : new int[] {1, 2, 3, 8, 9, 17}) {
      Filled filled = new Filled(14);
      List<Tensor> terms = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        terms.add(filled.tensor(-1, 1, 2, 3, 71));
      }
      add(
          "sum of " + count,
          set -> {
            Tensor y = Filled.empty(2, 3, 71);
            set.sum().sum(terms, y);
            Tensor last = copy(terms.get(count - 1));
            List<Tensor> others = new ArrayList<>(terms);
            others.set(count - 1, last);
            set.sum().sum(others, last);
            return List.of(y, last);
          });
    }
  }

  private void gates() {
    Filled filled = new Filled(15);
    Tensor y = filled.tensor(-1, 1, 3, 5, 67);
    Tensor z = filled.tensor(-6, 6, 3, 5, 67);
    Tensor dout = filled.tensor(-1, 1, 3, 5, 67);
    add(
        "silu gate",
        set -> {
          Tensor out = Filled.empty(3, 5, 67);
          Tensor dy = Filled.empty(3, 5, 67);
          Tensor dz = Filled.empty(3, 5, 67);
          set.siluGate().forward(y, z, out);
          set.siluGate().gradient(dout, y, z, dy, dz);
          return List.of(out, dy, dz);
        });
    Tensor factors = filled.tensor(0, 2, 3);
    add(
        "sample scale",
        set -> {
          Tensor plain = Filled.empty(3, 5, 67);
          Tensor added = copy(z);
          set.sampleScale().forward(y, factors, Optional.empty(), plain);
          set.sampleScale().forward(y, factors, Optional.of(added), added);
          return List.of(plain, added);
        });
    Tensor hz = filled.tensor(-3, 3, 3, 60, 49);
    Tensor d = filled.tensor(0.5, 1.5, 1);
    Tensor dgated = filled.tensor(-1, 1, 3, 30, 49);
    add(
        "hidden gate",
        set -> {
          Tensor gated = Filled.empty(3, 30, 49);
          Tensor dhz = Filled.empty(3, 60, 49);
          Tensor dd = Filled.empty(1);
          set.hiddenGate().forward(hz, d, gated);
          set.hiddenGate().gradient(dgated, hz, d, dhz, dd);
          return List.of(gated, dhz, dd);
        });
  }

  private void channelScale() {
    for (int length : new int[] {1, 49, 600}) {
      Filled filled = new Filled(16);
      Tensor x = filled.tensor(-1, 1, 3, 5, length);
      Tensor s = filled.tensor(0, 1, 3, 5);
      Tensor dy = filled.tensor(-1, 1, 3, 5, length);
      Tensor dmean = filled.tensor(-1, 1, 3, 5);
      add(
          "channel scale and mean of " + length,
          set -> {
            Tensor y = copy(x);
            Tensor dx = copy(dy);
            Tensor ds = Filled.empty(3, 5);
            Tensor mean = Filled.empty(3, 5);
            Tensor spread = Filled.empty(3, 5, length);
            set.channelScale().forward(y, s, y);
            set.channelScale().gradient(dx, x, s, dx, ds);
            set.spatialMean().forward(x, mean);
            set.spatialMean().gradient(dmean, spread);
            return List.of(y, dx, ds, mean, spread);
          });
    }
  }

  private void channelAffine() {
    Filled filled = new Filled(17);
    Tensor x = filled.tensor(-1, 1, 3, 5, 41, 37);
    Tensor scale = filled.tensor(-1, 1, 5, 1, 1);
    Tensor bias = filled.tensor(-1, 1, 5);
    Tensor residual = filled.tensor(-1, 1, 3, 5, 41, 37);
    Tensor dy = filled.tensor(-1, 1, 3, 5, 41, 37);
    add(
        "channel affine",
        set -> {
          ChannelAffineKernel kernel = set.channelAffine();
          Tensor scaled = copy(x);
          Tensor y = copy(residual);
          kernel.forward(
              new ChannelAffineKernel.Forward(
                  scaled, scale, 0, Optional.empty(), Optional.empty(), scaled));
          kernel.forward(
              new ChannelAffineKernel.Forward(x, scale, 1, Optional.of(bias), Optional.of(y), y));
          Tensor dx = copy(x);
          Tensor dx1 = copy(dy);
          Tensor dscale = Filled.empty(5, 1, 1);
          Tensor dscale1 = Filled.empty(5, 1, 1);
          Tensor dbias = Filled.empty(5);
          kernel.gradient(
              new ChannelAffineKernel.Gradient(dy, dx, scale, 1, dx, dscale, Optional.of(dbias)));
          kernel.gradient(
              new ChannelAffineKernel.Gradient(dx1, x, scale, 0, dx1, dscale1, Optional.empty()));
          return List.of(scaled, y, dx, dx1, dscale, dscale1, dbias);
        });
  }

  private void channelCopies() {
    Filled filled = new Filled(18);
    Tensor whole = filled.tensor(-1, 1, 3, 9, 7, 5);
    List<Tensor> parts =
        List.of(
            filled.tensor(-1, 1, 3, 2, 7, 5),
            filled.tensor(-1, 1, 3, 6, 7, 5),
            filled.tensor(-1, 1, 3, 1, 7, 5));
    add(
        "channel copies",
        set -> {
          Tensor joined = Filled.empty(3, 9, 7, 5);
          List<Tensor> results =
              List.of(Filled.empty(3, 2, 7, 5), Filled.empty(3, 6, 7, 5), Filled.empty(3, 1, 7, 5));
          set.channelCopy().split(whole, results);
          set.channelCopy().concatenate(parts, joined);
          return List.of(joined, results.get(0), results.get(1), results.get(2));
        });
  }

  private void laplace() {
    for (int pool : new int[] {2, 3, 8}) {
      Filled filled = new Filled(19);
      int height = 3 * pool;
      int width = 5 * pool;
      Tensor x = filled.tensor(-1, 1, 2, 3, height, width);
      Tensor dlow = filled.tensor(-1, 1, 2, 3, 3, 5);
      add(
          "laplace by " + pool,
          set -> {
            Tensor low = Filled.empty(2, 3, 3, 5);
            Tensor residual = Filled.empty(2, 3, height, width);
            Tensor dx = Filled.empty(2, 3, height, width);
            Tensor y = Filled.empty(2, 3, height, width);
            Tensor merged = Filled.empty(2, 3, 3, 5);
            set.laplace().split(x, low, residual);
            set.laplace().splitGradient(dlow, x, dx);
            set.laplace().merge(dlow, x, y);
            set.laplace().mergeGradient(x, merged);
            return List.of(low, residual, dx, y, merged);
          });
    }
  }

  private void patches() {
    for (int width : new int[] {8, 9}) {
      Filled filled = new Filled(20);
      Tensor x = filled.tensor(-1, 1, 2, 3, 7, width);
      int half = (width + 1) / 2;
      Tensor y = filled.tensor(-1, 1, 2, 12, 4, half);
      add(
          "patches of width " + width,
          set -> {
            Tensor gathered = Filled.empty(2, 12, 4, half);
            Tensor scattered = Filled.empty(2, 3, 7, width);
            set.patches().gather(x, gathered);
            set.patches().scatter(y, scattered);
            return List.of(gathered, scattered);
          });
    }
  }

  private void softmaxMix() {
    Filled filled = new Filled(21);
    Tensor weights = filled.tensor(-1, 1, 3);
    Tensor dy = filled.tensor(-1, 1, 7, 700);
    List<Tensor> logits = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      logits.add(filled.tensor(-1, 1, 7, 700));
    }
    add(
        "softmax mix",
        set -> {
          Tensor y = Filled.empty(7, 700);
          Tensor dweights = Filled.empty(3);
          List<Tensor> dlogits = new ArrayList<>();
          for (int i = 0; i < 3; i++) {
            dlogits.add(Filled.empty(7, 700));
          }
          set.softmaxMix().forward(weights, logits, y);
          set.softmaxMix().gradient(dy, weights, logits, dweights, dlogits);
          dlogits.addAll(List.of(y, dweights));
          return dlogits;
        });
  }

  private void distillation() {
    Filled filled = new Filled(22);
    Tensor logits = filled.tensor(-4, 4, 5, 101);
    Tensor teacher = filled.tensor(-4, 4, 5, 101);
    add(
        "distillation",
        set -> {
          Tensor loss = Filled.empty(1);
          Tensor slope = Filled.empty(5, 101);
          set.distillation().forward(logits, teacher, 1.5, 0.3, loss, slope);
          return List.of(loss, slope);
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

  private void resample() {
    for (Resampling rule : Resampling.values()) {
      for (int[] size : new int[][] {{9, 7, 5, 4}, {5, 4, 18, 13}, {3, 11, 7, 2}, {1, 6, 1, 6}}) {
        if (rule.allows(size[0], size[2]) && rule.allows(size[1], size[3])) {
          resample(rule, size[0], size[1], size[2], size[3]);
        }
      }
    }
    // the longest lines for which whole numbers suffice, and some that are left to the CPU
    resample(Resampling.LINEAR, 1, 33000, 1, 32500);
    resample(Resampling.MEAN, 1, 33000, 1, 32500);
    resample(Resampling.LINEAR_CORNERS, 1, 40000, 1, 30000);
  }

  private void resample(Resampling rule, int height, int width, int toHeight, int toWidth) {
    Filled filled = new Filled(23);
    Tensor x = filled.tensor(-1, 1, 1, 2, height, width);
    Tensor dy = filled.tensor(-1, 1, 1, 2, toHeight, toWidth);
    add(
        "resample %s %dx%d to %dx%d".formatted(rule, height, width, toHeight, toWidth),
        set -> {
          Tensor y = Filled.empty(1, 2, toHeight, toWidth);
          Tensor dx = Filled.empty(1, 2, height, width);
          set.resample().forward(x, rule, y);
          set.resample().gradient(dy, rule, dx);
          return List.of(y, dx);
        });
  }

  /** Labels, one behind the other from the beginning again and again. */
  private static Tensor labels(double[] numbers, long... shape) {
    Tensor labels = Tensor.zeros(ElementType.FLOAT, shape);
    for (int i = 0; i < labels.size(); i++) {
      labels.put(i, numbers[i % numbers.length]);
    }
    return labels;
  }

  private void classSelect() {
    Filled filled = new Filled(24);
    Tensor x = filled.tensor(-1, 1, 7, 12, 3, 5);
    Tensor labels = labels(new double[] {0, 3, -1, 4, 2}, 7);
    Tensor dy = filled.tensor(-1, 1, 7, 3, 3, 5);
    add(
        "class select",
        set -> {
          Tensor y = Filled.empty(7, 3, 3, 5);
          Tensor dx = Filled.empty(7, 12, 3, 5);
          set.classSelect().forward(x, labels, y);
          set.classSelect().gradient(dy, labels, dx);
          return List.of(y, dx);
        });
  }

  /** Weights of which every seventh is 0, where predictions and targets are NaN. */
  private void denseLosses() {
    for (long[] shape : new long[][] {{2, 3 * 5, 9, 11}, {70, 5}, {3, 40, 9, 11}}) {
      Filled filled = new Filled(25);
      int values = shape[1] % 3 == 0 ? 5 : (int) shape[1];
      long[] groups = shape.clone();
      groups[1] = shape[1] / values;
      Tensor x = filled.tensor(-6, 6, shape);
      Tensor targets = filled.tensor(0, 1, shape);
      Tensor labels = labels(new double[] {0, values - 1.0, -1, 1, 2}, groups);
      Tensor weights = filled.tensor(0.5, 1.5, groups);
      LossGroups cut = LossGroups.of(x, weights);
      for (int group = 0; group < weights.size(); group += 7) {
        weights.put(group, 0);
        labels.put(group, Double.NaN);
        for (int k = 0; k < values; k++) {
          x.put(cut.element(group, k), Double.NaN);
          targets.put(cut.element(group, k), Double.NaN);
        }
      }
      Tensor divisor = filled.tensor(2, 3, 1);
      add(
          "losses of " + x,
          set -> {
            LossKernel kernel = set.losses();
            List<Tensor> all = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
              // the slope in the predictions' place
              all.addAll(List.of(Filled.empty(1), copy(x)));
            }
            LossKernel.Targets perGroup = new LossKernel.Targets(labels, Optional.of(weights));
            LossKernel.Targets perValue = new LossKernel.Targets(targets, Optional.of(weights));
            kernel.focal(all.get(1), perGroup, 0.25, 2, result(divisor, all, 0));
            kernel.focal(all.get(3), perGroup, 0.25, 1.5, result(divisor, all, 2));
            kernel.smoothL1(all.get(5), perValue, 0.5, result(divisor, all, 4));
            kernel.binaryCrossEntropy(all.get(7), perValue, result(divisor, all, 6));
            kernel.crossEntropy(all.get(9), perGroup, -1, result(divisor, all, 8));
            kernel.gradient(divisor, all.get(9), all.get(9));
            return all;
          });
    }
  }

  private static LossKernel.Result result(Tensor divisor, List<Tensor> all, int at) {
    return new LossKernel.Result(divisor, all.get(at), all.get(at + 1));
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

  private void convolutions() {
    for (int[] kernel : new int[][] {{3, 3, 1}, {3, 3, 2}, {5, 5, 1}, {7, 7, 1}, {1, 7, 1}}) {
      int height = kernel[0];
      int width = kernel[1];
      int stride = kernel[2];
      convolution(
          new ConvolutionShape(
              3, 4, 60, 55, 4, height, width, stride, stride, height / 2, width / 2, 4));
    }
    convolution(new ConvolutionShape(3, 12, 24, 20, 70, 1, 1, 1, 1, 0, 0, 1));
    convolution(new ConvolutionShape(2, 7, 13, 11, 66, 3, 3, 2, 2, 1, 1, 1));
    convolution(new ConvolutionShape(2, 6, 9, 10, 4, 3, 3, 1, 1, 2, 2, 1, 2));
    convolution(new ConvolutionShape(2, 6, 12, 8, 10, 4, 2, 4, 2, 0, 0, 2));
  }

  private void convolution(ConvolutionShape shape) {
    Filled filled = new Filled(8);
    long[] map = {shape.batch(), shape.channels(), shape.height(), shape.width()};
    long[] weights = {
      shape.outputs(), shape.groupChannels(), shape.kernelHeight(), shape.kernelWidth()
    };
    long[] result = {shape.batch(), shape.outputs(), shape.outputHeight(), shape.outputWidth()};
    Tensor x = filled.tensor(-1, 1, map);
    Tensor w = filled.tensor(-1, 1, weights);
    Tensor scale = filled.tensor(0.5, 1.5, shape.outputs());
    Tensor dy = filled.tensor(-1, 1, result);
    add(
        "convolution " + shape,
        set -> {
          ConvolutionKernel convolution =
              set.convolution(shape, ElementType.FLOAT)
                  .orElseGet(() -> new ReferenceConvolution(shape));
          Tensor y = Filled.empty(result);
          Tensor dx = Filled.empty(map);
          Tensor dw = Filled.empty(weights);
          Tensor dbias = Filled.empty(shape.outputs());
          convolution.forward(
              new ConvolutionKernel.Forward(
                  x, w, Optional.of(scale), Optional.empty(), ActivationKind.SILU, y));
          convolution.inputGradient(new ConvolutionKernel.InputGradient(dy, w, dx));
          convolution.weightGradient(
              new ConvolutionKernel.WeightGradient(dy, x, dw, Optional.of(dbias)));
          return List.of(y, dx, dw, dbias);
        });
  }

  private void folding() {
    Filled filled = new Filled(12);
    Tensor w = filled.tensor(-1, 1, 37, 1, 3, 5);
    List<Tensor> values = Stream.generate(() -> filled.tensor(0.5, 1.5, 37)).limit(5).toList();
    for (Optional<Tensor> bias :
        List.of(Optional.<Tensor>empty(), Optional.of(filled.tensor(-1, 1, 37)))) {
      add(
          "folding" + (bias.isPresent() ? " with bias" : ""),
          set -> {
            Tensor scale = Filled.empty(37);
            Tensor shift = Filled.empty(37);
            Tensor kernel = Filled.empty(37, 1, 3, 5);
            Tensor shifts = Filled.empty(37);
            set.folding()
                .norm(
                    new FoldingKernel.Norm(
                        values.get(0),
                        values.get(1),
                        values.get(2),
                        values.get(3),
                        bias,
                        1e-5,
                        scale,
                        shift));
            set.folding()
                .shortcut(
                    new FoldingKernel.Shortcut(
                        w,
                        scale,
                        shift,
                        values.get(4),
                        1,
                        bias,
                        values.get(0),
                        values.get(1),
                        kernel,
                        shifts));
            return List.of(scale, shift, kernel, shifts);
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
