package io.elapid.backend.cuda;

import io.elapid.kernel.ActivationKind;
import io.elapid.kernel.ChannelAffineKernel;
import io.elapid.kernel.Resampling;
import io.elapid.kernel.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Functions of maps, element by element or channel by channel. */
final class MapChecks extends CheckGroup {
  MapChecks() {
    activations();
    sums();
    gates();
    channelScale();
    channelAffine();
    channelCopies();
    haar();
    laplace();
    patches();
    resample();
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
}
