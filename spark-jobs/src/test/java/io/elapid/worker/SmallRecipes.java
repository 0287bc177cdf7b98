package io.elapid.worker;

/** What recipes of short runs have in common. */
final class SmallRecipes {
  /** A few pictures of objects, 64 pixels wide, learnt by heart and evaluated once, at the end. */
  static final String OF_OBJECTS =
      """
      model { name = efficientvim_nano, image-size = 64 }
      data {
        loader-threads = 1, prefetch = 1, validation-split = train
        train-transforms = [
          { type = keep-ratio-resize, long-side = 64, short-sides = [64] }
          { type = pad, divisor = 64 }
        ]
        eval-transforms = [
          { type = keep-ratio-resize, long-side = 64, short-sides = [64] }
          { type = pad, divisor = 64 }
        ]
      }
      batch { size = 2, shards = 1 }
      optimizer { weight-decay = 1e-4, decayed = all }
      clip { norm = 10 }
      schedule {
        type = step, steps = 60, milestones = [48], learning-rate = 1e-3
        min-learning-rate = 0, warmup-epochs = 0, warmup-learning-rate = 0, cooldown-epochs = 0
      }
      checkpoint { every-epochs = 1000, every-steps = 52, keep = 10 }
      evaluation { batch-size = 1, every-epochs = 1000 }
      """;

  private SmallRecipes() {}
}
