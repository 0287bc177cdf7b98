package io.elapid.backend.cpu;

import io.elapid.kernel.BatchNormKernel;
import io.elapid.kernel.Tensor;

/** Joins a channel's rows, which are shorter than a register, before another kernel's work. */
record BatchNormShortRows(ChannelRows rows, BatchNormKernel next) implements BatchNormKernel {
  @Override
  public void train(Train a) {
    Tensor y = rows.joinedZeros();
    next.train(
        new Train(
            rows.join(a.x()),
            a.gamma(),
            a.beta(),
            a.eps(),
            a.activation(),
            y,
            a.mean(),
            a.variance(),
            a.invStd()));
    rows.part(y, a.y());
  }

  @Override
  public void moments(Moments a) {
    next.moments(new Moments(rows.join(a.x()), a.mean(), a.variance()));
  }

  @Override
  public void repeat(Repeat a) {
    Tensor y = rows.joinedZeros();
    next.repeat(
        new Repeat(rows.join(a.x()), a.gamma(), a.beta(), a.mean(), a.invStd(), a.activation(), y));
    rows.part(y, a.y());
  }

  @Override
  public void trainGradient(TrainGradient a) {
    Tensor dx = rows.joinedZeros();
    next.trainGradient(
        new TrainGradient(
            rows.join(a.dy()),
            rows.join(a.x()),
            a.gamma(),
            a.beta(),
            a.mean(),
            a.invStd(),
            a.activation(),
            dx,
            a.dgamma(),
            a.dbeta()));
    rows.part(dx, a.dx());
  }

  @Override
  public void inference(Inference a) {
    Tensor y = rows.joinedZeros();
    next.inference(
        new Inference(
            rows.join(a.x()),
            a.gamma(),
            a.beta(),
            a.mean(),
            a.variance(),
            a.eps(),
            a.activation(),
            y));
    rows.part(y, a.y());
  }

  @Override
  public void inferenceGradient(InferenceGradient a) {
    Tensor dx = rows.joinedZeros();
    next.inferenceGradient(
        new InferenceGradient(
            rows.join(a.dy()),
            rows.join(a.x()),
            a.gamma(),
            a.beta(),
            a.mean(),
            a.variance(),
            a.eps(),
            a.activation(),
            dx,
            a.dgamma(),
            a.dbeta()));
    rows.part(dx, a.dx());
  }
}
