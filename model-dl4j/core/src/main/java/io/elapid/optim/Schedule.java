package io.elapid.optim;

/**
 * The learning rate as a pure function of the position in training, so that a resumed run agrees.
 */
public sealed interface Schedule permits CosineSchedule, StagedSchedule {

  /** Learning rate of update {@code step}, counted from 0; defined beyond the end too. */
  double learningRate(long step);

  /** Number of updates after which training is over, cool-down included. */
  long totalSteps();
}
