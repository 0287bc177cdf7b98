package io.elapid.backend.cuda;

import io.elapid.backend.cuda.Launch.Arguments;
import io.elapid.backend.cuda.Launch.Shape;
import io.elapid.kernel.HiddenStateKernel;
import io.elapid.kernel.Tensor;

/** Hidden states of floats, see {@code hidden_state.cu}. */
final class CudaHiddenState implements HiddenStateKernel {
  private static final String MODULE = "hidden_state";
  private static final int LANES = 32;
  private static final int TILE = 32;
  private static final int TILE_THREADS = 256;

  private final Device device;
  private final HiddenStateKernel host;

  CudaHiddenState(Device device, HiddenStateKernel host) {
    this.device = device;
    this.host = host;
  }

  /** The struct HiddenSizes, and the grids that follow from it. */
  private record Sizes(int batch, int channels, int states, int length) {
    static Sizes of(Tensor x, Tensor b) {
      return new Sizes(x.dim(0), x.dim(1), b.dim(1), x.dim(2));
    }

    Arguments arguments() {
      return new Arguments().struct(channels, states, length);
    }

    /** A warp for each state of each sample. */
    Launch rows(String function, Arguments arguments) {
      return Launch.of(MODULE, function, new Shape(states, batch, 1, LANES, 0), arguments);
    }

    /** A block for each tile of a matrix of each sample. */
    Launch product(String function, int rows, int columns, Arguments arguments) {
      Shape shape =
          new Shape((rows + TILE - 1) / TILE, (columns + TILE - 1) / TILE, batch, TILE_THREADS, 0);
      return Launch.of(MODULE, function, shape, arguments);
    }
  }

  @Override
  public void forward(Tensor x, Tensor b, Tensor dt, Tensor a, Tensor h, Tensor w) {
    if (!Frame.takes(x)) {
      host.forward(x, b, dt, a, h, w);
      return;
    }
    try (Frame frame = new Frame(device, "hidden states")) {
      Sizes sizes = Sizes.of(x, b);
      long weights = frame.out(w);
      frame.launch(
          sizes.rows(
              "hidden_weights", sizes.arguments().pointers(frame.in(dt), frame.in(a), weights)));
      frame.launch(
          sizes.product(
              "hidden_state",
              sizes.channels(),
              sizes.states(),
              sizes.arguments().pointers(frame.in(x), frame.in(b), weights, frame.out(h))));
      frame.finish();
    }
  }

  @Override
  public void gradient(Gradient a) {
    if (!Frame.takes(a.x())) {
      host.gradient(a);
      return;
    }
    try (Frame frame = new Frame(device, "gradient of hidden states")) {
      Sizes sizes = Sizes.of(a.x(), a.b());
      long dh = frame.in(a.dh());
      long x = frame.in(a.x());
      long b = frame.in(a.b());
      long w = frame.in(a.w());
      frame.launch(
          sizes.product(
              "hidden_dx",
              sizes.channels(),
              sizes.length(),
              sizes.arguments().pointers(dh, b, w, frame.out(a.dx()))));
      long q = frame.scratch(a.b().size());
      frame.launch(
          sizes.product(
              "hidden_q", sizes.states(), sizes.length(), sizes.arguments().pointers(dh, x, q)));
      long das = frame.scratch((long) sizes.batch() * sizes.states());
      frame.launch(
          sizes.rows(
              "hidden_rows",
              sizes.arguments().pointers(q, b, w, frame.out(a.db()), frame.out(a.ddt()), das)));
      frame.sumSlices(das, sizes.batch(), sizes.states(), frame.out(a.da()));
      frame.finish();
    }
  }
}
