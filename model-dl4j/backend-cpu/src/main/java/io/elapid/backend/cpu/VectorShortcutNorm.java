package io.elapid.backend.cpu;

import io.elapid.kernel.ShortcutNormKernel;
import io.elapid.kernel.Tensor;
import io.elapid.kernel.Workers;

/**
 * In groups of channels that stay in the cache between the passes over them: both norms, and the
 * sum between them, read the two maps once and write one forward, and read three and write two on
 * the way back.
 */
record VectorShortcutNorm(Workers workers, ShortcutNormKernel reference)
    implements ShortcutNormKernel {
  private static final int FORWARD_TENSORS = 3;
  private static final int GRADIENT_TENSORS = 3;

  @Override
  public void forward(Forward a) {
    if (!Lanes.areFloat(a.u())) {
      reference.forward(a);
      return;
    }
    ChannelRows rows = ChannelRows.of(a.u());
    if (rows.isShorterThanRegister()) {
      forwardOfShort(a, rows);
      return;
    }
    rows.forEachGroup(
        workers, FORWARD_TENSORS, (first, end) -> new ShortcutNormGroup(rows, first, end).run(a));
  }

  @Override
  public void gradient(Gradient a) {
    if (!Lanes.areFloat(a.u())) {
      reference.gradient(a);
      return;
    }
    ChannelRows rows = ChannelRows.of(a.u());
    if (rows.isShorterThanRegister()) {
      gradientOfShort(a, rows);
      return;
    }
    rows.forEachGroup(
        workers, GRADIENT_TENSORS, (first, end) -> new ShortcutNormGroup(rows, first, end).run(a));
  }

  /** A channel's samples behind one another make a row that is long enough, or few numbers. */
  private void forwardOfShort(Forward a, ChannelRows rows) {
    if (rows.joined().isShorterThanRegister()) {
      reference.forward(a);
      return;
    }
    Tensor y = rows.joinedZeros();
    forward(
        new Forward(
            rows.join(a.u()), rows.join(a.x()), a.parameters(), a.eps(), y, a.inner(), a.outer()));
    rows.part(y, a.y());
  }

  private void gradientOfShort(Gradient a, ChannelRows rows) {
    if (rows.joined().isShorterThanRegister()) {
      reference.gradient(a);
      return;
    }
    Tensor du = rows.joinedZeros();
    Tensor dx = rows.joinedZeros();
    gradient(
        new Gradient(
            rows.join(a.dy()),
            rows.join(a.u()),
            rows.join(a.x()),
            a.parameters(),
            a.inner(),
            a.outer(),
            du,
            dx,
            a.gradients()));
    rows.part(du, a.du());
    rows.part(dx, a.dx());
  }
}
