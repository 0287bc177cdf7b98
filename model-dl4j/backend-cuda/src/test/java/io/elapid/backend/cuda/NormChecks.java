package io.elapid.backend.cuda;

import io.elapid.kernel.ActivationKind;
import io.elapid.kernel.BatchNormKernel;
import io.elapid.kernel.FoldingKernel;
import io.elapid.kernel.GatedResidualKernel;
import io.elapid.kernel.KernelSet;
import io.elapid.kernel.LayerNormKernel;
import io.elapid.kernel.ShortcutNormKernel;
import io.elapid.kernel.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Norms, and the residuals behind them. */
final class NormChecks extends CheckGroup {
  NormChecks() {
    batchNorms();
    layerNorm();
    shortcutNorm();
    gatedResidual();
    folding();
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
}
