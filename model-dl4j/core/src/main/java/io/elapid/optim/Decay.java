package io.elapid.optim;

import java.util.List;

/** How the learning rate falls from its peak over the epochs of a {@link StagedSchedule}. */
public sealed interface Decay {

  /** When the rate changes. */
  enum Pace {
    /** Before every update. */
    STEP,
    /** Before every epoch. */
    EPOCH
  }

  /** A place in a schedule. */
  record At(double peak, long step, long stepsPerEpoch, int epochs) {
    /** Epochs since the beginning, whole ones where that is the pace. */
    double time(Pace pace) {
      long whole = step / stepsPerEpoch;
      return pace == Pace.EPOCH ? (double) whole : (double) step / stepsPerEpoch;
    }
  }

  /** Rate at a place; the last one from the end on. */
  double rate(At at);

  /** The peak throughout. */
  record Constant() implements Decay {
    @Override
    public double rate(At at) {
      return at.peak();
    }
  }

  /**
   * The rate times {@code factor} from each of these epochs on.
   *
   * @param epochs rising
   */
  record Steps(List<Integer> epochs, double factor) implements Decay {
    public Steps {
      epochs = List.copyOf(epochs);
    }

    @Override
    public double rate(At at) {
      double epoch = at.time(Pace.EPOCH);
      long passed = epochs.stream().filter(milestone -> milestone <= epoch).count();
      return at.peak() * Math.pow(factor, (double) passed);
    }
  }

  /** {@code (peak - minimum) (1 - t / T)^power + minimum}; linear where {@code power} is 1. */
  record Polynomial(double power, double minimum, Pace pace) implements Decay {
    @Override
    public double rate(At at) {
      double left = Math.max(0, 1 - at.time(pace) / at.epochs());
      return (at.peak() - minimum) * Math.pow(left, power) + minimum;
    }
  }

  /** The peak until epoch {@code from}, then half a cosine to the minimum at the end. */
  record LateCosine(double from, double minimum, Pace pace) implements Decay {
    @Override
    public double rate(At at) {
      double done = (at.time(pace) - from) / (at.epochs() - from);
      double clamped = Math.min(1, Math.max(0, done));
      return minimum + 0.5 * (at.peak() - minimum) * (1 + Math.cos(Math.PI * clamped));
    }
  }
}
