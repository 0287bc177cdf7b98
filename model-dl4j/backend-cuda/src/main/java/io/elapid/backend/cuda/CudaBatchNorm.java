package io.elapid.backend.cuda;

import io.elapid.backend.cuda.Launch.Shape;
import io.elapid.kernel.ActivationKind;
import io.elapid.kernel.BatchNormKernel;
import io.elapid.kernel.Tensor;

/** Batch norms of floats, see {@code batch_norm.cu}. */
final class CudaBatchNorm implements BatchNormKernel {
  static final String MODULE = "batch_norm";

  private final Device device;
  private final BatchNormKernel host;

  CudaBatchNorm(Device device, BatchNormKernel host) {
    this.device = device;
    this.host = host;
  }

  /** Copies of what every kernel reads of a channel. */
  private record Channels(
      ChannelMaps maps, int activation, long gamma, long beta, long mean, long invStd) {
    void apply(Frame frame, long x, long y) {
      frame.launch(
          Launch.of(
              MODULE,
              "batch_norm_apply",
              maps.byElement(),
              maps.arguments().numbers(activation).pointers(x, gamma, beta, mean, invStd, y)));
    }

    /** With {@code part} one over a channel's values, or 0 where statistics are constants. */
    void gradient(
        Frame frame, float part, long dy, long x, Tensor dx, Tensor dgamma, Tensor dbeta) {
      long dbetaAt = frame.out(dbeta);
      long dgammaAt = frame.out(dgamma);
      long dbetas = frame.scratch((long) maps.shares() * maps.channels());
      long dgammas = frame.scratch((long) maps.shares() * maps.channels());
      frame.launch(
          Launch.of(
              MODULE,
              "batch_norm_sums",
              maps.byChannel(),
              maps.arguments()
                  .numbers(activation)
                  .pointers(dy, x, gamma, beta, mean, invStd, dbetas, dgammas)));
      frame.sumSlices(dbetas, maps.shares(), maps.channels(), dbetaAt);
      frame.sumSlices(dgammas, maps.shares(), maps.channels(), dgammaAt);
      frame.launch(
          Launch.of(
              MODULE,
              "batch_norm_gradient",
              maps.byElement(),
              maps.arguments()
                  .numbers(activation)
                  .number(part)
                  .pointers(dy, x, gamma, beta, mean, invStd, dbetaAt, dgammaAt, frame.out(dx))));
    }
  }

  private static Channels channels(
      Frame frame,
      Tensor x,
      ActivationKind kind,
      Tensor gamma,
      Tensor beta,
      long mean,
      long invStd) {
    return new Channels(
        ChannelMaps.of(x), kind.code(), frame.in(gamma), frame.in(beta), mean, invStd);
  }

  /** {@code 1 / sqrt(variance + eps)}. */
  private static long inverse(Frame frame, Tensor variance, double eps) {
    long invStd = frame.scratch(variance.size());
    frame.launch(
        Launch.of(
            MODULE,
            "batch_norm_inverse",
            Shape.elements(variance.size()),
            new Launch.Arguments()
                .numbers(variance.size())
                .number((float) eps)
                .pointers(frame.in(variance), invStd)));
    return invStd;
  }

  @Override
  public void train(Train a) {
    if (!Frame.takes(a.x())) {
      host.train(a);
      return;
    }
    try (Frame frame = new Frame(device, "batch norm")) {
      long x = frame.in(a.x());
      long mean = frame.out(a.mean());
      long invStd = frame.out(a.invStd());
      Channels channels = channels(frame, a.x(), a.activation(), a.gamma(), a.beta(), mean, invStd);
      statistics(frame, channels.maps(), x, a.eps(), mean, frame.out(a.variance()), invStd);
      channels.apply(frame, x, frame.out(a.y()));
      frame.finish();
    }
  }

  @Override
  public void moments(Moments a) {
    if (!Frame.takes(a.x())) {
      host.moments(a);
      return;
    }
    try (Frame frame = new Frame(device, "moments")) {
      ChannelMaps maps = ChannelMaps.of(a.x());
      long mean = frame.out(a.mean());
      long variance = frame.out(a.variance());
      // the kernel's third result, which nobody reads here: any epsilon will do
      long invStd = frame.scratch(maps.channels());
      statistics(frame, maps, frame.in(a.x()), 1, mean, variance, invStd);
      frame.finish();
    }
  }

  private static void statistics(
      Frame frame, ChannelMaps maps, long x, double eps, long mean, long variance, long invStd) {
    ShareMoments shares = ShareMoments.of(frame, maps);
    frame.launch(shares.of(x));
    frame.launch(shares.statistics(eps, mean, variance, invStd));
  }

  @Override
  public void repeat(Repeat a) {
    if (!Frame.takes(a.x())) {
      host.repeat(a);
      return;
    }
    try (Frame frame = new Frame(device, "batch norm again")) {
      long mean = frame.in(a.mean());
      long invStd = frame.in(a.invStd());
      channels(frame, a.x(), a.activation(), a.gamma(), a.beta(), mean, invStd)
          .apply(frame, frame.in(a.x()), frame.out(a.y()));
      frame.finish();
    }
  }

  @Override
  public void trainGradient(TrainGradient a) {
    if (!Frame.takes(a.x())) {
      host.trainGradient(a);
      return;
    }
    try (Frame frame = new Frame(device, "gradient of batch norm")) {
      long mean = frame.in(a.mean());
      long invStd = frame.in(a.invStd());
      Channels channels = channels(frame, a.x(), a.activation(), a.gamma(), a.beta(), mean, invStd);
      float part = 1.0f / channels.maps().values();
      long dy = frame.in(a.dy());
      channels.gradient(frame, part, dy, frame.in(a.x()), a.dx(), a.dgamma(), a.dbeta());
      frame.finish();
    }
  }

  @Override
  public void inference(Inference a) {
    if (!Frame.takes(a.x())) {
      host.inference(a);
      return;
    }
    try (Frame frame = new Frame(device, "batch norm of given statistics")) {
      long mean = frame.in(a.mean());
      long invStd = inverse(frame, a.variance(), a.eps());
      channels(frame, a.x(), a.activation(), a.gamma(), a.beta(), mean, invStd)
          .apply(frame, frame.in(a.x()), frame.out(a.y()));
      frame.finish();
    }
  }

  @Override
  public void inferenceGradient(InferenceGradient a) {
    if (!Frame.takes(a.x())) {
      host.inferenceGradient(a);
      return;
    }
    try (Frame frame = new Frame(device, "gradient of batch norm of given statistics")) {
      long mean = frame.in(a.mean());
      long invStd = inverse(frame, a.variance(), a.eps());
      long dy = frame.in(a.dy());
      channels(frame, a.x(), a.activation(), a.gamma(), a.beta(), mean, invStd)
          .gradient(frame, 0, dy, frame.in(a.x()), a.dx(), a.dgamma(), a.dbeta());
      frame.finish();
    }
  }
}
