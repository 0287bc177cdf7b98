package io.elapid.worker;

import io.elapid.config.TrackSpec;
import io.elapid.engine.Trainer;

/** Tells the driver now and then how the gradients of each layer are distributed. */
final class GradientReport {
  private final Trainer<?> trainer;

  /** Steps between two reports; 0 for a rank that gives none. */
  private final int every;

  GradientReport(RankContext context, TrackSpec track, Trainer<?> trainer) {
    this.trainer = trainer;
    boolean speaks = context.rank() == 0 && track.tensorboard() == TrackSpec.Switch.ON;
    this.every = speaks ? track.histogramEverySteps() : 0;
  }

  /** Asks for a step's gradients if they are due. */
  void before(long step) {
    if (every > 0 && step % every == 0) {
      trainer.describeGradients();
    }
  }

  /** Reports them once the step is done, in a run of so many updates. */
  void after(long step) {
    if (!trainer.gradients().isEmpty()) {
      RunEvents.send("gradients", "step", step, "layers", trainer.gradients());
    }
  }
}
