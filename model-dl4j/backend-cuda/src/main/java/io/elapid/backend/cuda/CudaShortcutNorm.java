package io.elapid.backend.cuda;

import io.elapid.kernel.ShortcutNormKernel;
import io.elapid.kernel.Tensor;

/** Norms of convolutions with shortcuts of floats, see {@code shortcut_norm.cu}. */
final class CudaShortcutNorm implements ShortcutNormKernel {
  private static final String MODULE = "shortcut_norm";

  private final Device device;
  private final ShortcutNormKernel host;

  CudaShortcutNorm(Device device, ShortcutNormKernel host) {
    this.device = device;
    this.host = host;
  }

  /** Addresses of a norm's statistics. */
  private record Norm(long mean, long invStd) {
    static Norm written(Frame frame, Statistics statistics) {
      return new Norm(frame.out(statistics.mean()), frame.out(statistics.invStd()));
    }

    static Norm read(Frame frame, Saved saved) {
      return new Norm(frame.in(saved.mean()), frame.in(saved.invStd()));
    }
  }

  /** The struct ShortcutNorms. */
  private static long[] struct(Frame frame, Parameters p, Norm inner, Norm outer) {
    return new long[] {
      frame.in(p.weight()),
      frame.in(p.bias()),
      frame.in(p.innerGamma()),
      frame.in(p.innerBeta()),
      inner.mean(),
      inner.invStd(),
      frame.in(p.outerGamma()),
      frame.in(p.outerBeta()),
      outer.mean(),
      outer.invStd()
    };
  }

  @Override
  public void forward(Forward a) {
    if (!Frame.takes(a.u())) {
      host.forward(a);
      return;
    }
    try (Frame frame = new Frame(device, "norms of a shortcut")) {
      ChannelMaps maps = ChannelMaps.of(a.u());
      Norm inner = Norm.written(frame, a.inner());
      Norm outer = Norm.written(frame, a.outer());
      long[] norms = struct(frame, a.parameters(), inner, outer);
      long u = frame.in(a.u());
      long x = frame.in(a.x());
      ShareMoments shares = ShareMoments.of(frame, maps);
      frame.launch(shares.of(u));
      long innerVariance = frame.out(a.inner().variance());
      frame.launch(shares.statistics(a.eps(), inner.mean(), innerVariance, inner.invStd()));
      frame.launch(
          Launch.of(
              MODULE,
              "shortcut_norm_moments",
              maps.byChannel(),
              maps.arguments().struct(norms).pointers(u, x, shares.means(), shares.squares())));
      long outerVariance = frame.out(a.outer().variance());
      frame.launch(shares.statistics(a.eps(), outer.mean(), outerVariance, outer.invStd()));
      frame.launch(
          Launch.of(
              MODULE,
              "shortcut_norm_apply",
              maps.byElement(),
              maps.arguments().struct(norms).pointers(u, x, frame.out(a.y()))));
      frame.finish();
    }
  }

  @Override
  public void gradient(Gradient a) {
    if (!Frame.takes(a.u())) {
      host.gradient(a);
      return;
    }
    try (Frame frame = new Frame(device, "gradient of norms of a shortcut")) {
      ChannelMaps maps = ChannelMaps.of(a.u());
      Norm inner = Norm.read(frame, a.inner());
      Norm outer = Norm.read(frame, a.outer());
      long[] norms = struct(frame, a.parameters(), inner, outer);
      float part = 1.0f / maps.values();
      long dy = frame.in(a.dy());
      long u = frame.in(a.u());
      long x = frame.in(a.x());
      Parameters to = a.gradients();

      long sums = shares(frame, maps);
      long dots = shares(frame, maps);
      frame.launch(
          Launch.of(
              MODULE,
              "shortcut_norm_outer_sums",
              maps.byChannel(),
              maps.arguments().struct(norms).pointers(dy, u, x, sums, dots)));
      long outerBeta = total(frame, maps, sums, to.outerBeta());
      long outerGamma = total(frame, maps, dots, to.outerGamma());

      long weights = shares(frame, maps);
      frame.launch(
          Launch.of(
              MODULE,
              "shortcut_norm_inner_sums",
              maps.byChannel(),
              maps.arguments()
                  .struct(norms)
                  .number(part)
                  .pointers(outerBeta, outerGamma, dy, u, x, sums, dots, weights)));
      long innerBeta = total(frame, maps, sums, to.innerBeta());
      long innerGamma = total(frame, maps, dots, to.innerGamma());
      total(frame, maps, sums, to.bias());
      total(frame, maps, weights, to.weight());

      frame.launch(
          Launch.of(
              MODULE,
              "shortcut_norm_gradient",
              maps.byElement(),
              maps.arguments()
                  .struct(norms)
                  .number(part)
                  .pointers(outerBeta, outerGamma, innerBeta, innerGamma, dy, u, x)
                  .pointers(frame.out(a.du()), frame.out(a.dx()))));
      frame.finish();
    }
  }

  /** Room for a number of each share of each channel. */
  private static long shares(Frame frame, ChannelMaps maps) {
    return frame.scratch((long) maps.shares() * maps.channels());
  }

  /** Adds up the shares; returns where the sum is. */
  private static long total(Frame frame, ChannelMaps maps, long shares, Tensor sum) {
    long to = frame.out(sum);
    frame.sumSlices(shares, maps.shares(), maps.channels(), to);
    return to;
  }
}
