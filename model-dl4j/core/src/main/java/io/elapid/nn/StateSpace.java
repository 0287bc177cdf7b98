package io.elapid.nn;

import io.elapid.graph.Initializer;
import io.elapid.graph.Scope;
import io.elapid.kernel.ScanOrder;
import io.elapid.kernel.StepRule;
import io.elapid.op.ScanProjection;
import io.elapid.op.SelectiveScan;
import java.util.Optional;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * A selective state space over a map (S6; Gu and Dao, "Mamba", 2023): projections of the map steer
 * one scan per direction, whose outputs are added. What comes before and after (gates,
 * normalisation, projections of the channels) differs between families and is theirs.
 *
 * <p>Parameters for D channels, K directions, N states, rank R: {@code x_proj_weight} (K, R + 2 N,
 * D), {@code dt_projs_weight} (K, D, R), {@code dt_projs_bias} (K, D), {@code A_logs} (K D, N),
 * {@code Ds} (K D).
 */
public final class StateSpace {
  private StateSpace() {}

  /**
   * What differs between families.
   *
   * @param order how the map is scanned; not sequential
   * @param states N, states per channel
   * @param rank R, of the projection to step sizes
   */
  public record Settings(ScanOrder order, int states, int rank, Start start) {}

  /** Where the parameters start. */
  public enum Start {
    /** Mamba's: step sizes log-uniform between 0.001 and 0.1, decays 1, 2, ..., N. */
    MAMBA {
      @Override
      Initializer stepWeight(int rank) {
        double bound = 1 / Math.sqrt(rank);
        return new Initializer.Uniform(-bound, bound);
      }

      @Override
      Initializer stepBias() {
        return new Initializer.InverseSoftplus(0.001, 0.1, 1e-4);
      }

      @Override
      Initializer decays(int states) {
        return new Initializer.LogCount(states);
      }
    },
    /** MobileMamba's: projections to steps uniform in [0, 0.1), every decay 1. */
    CONSTANT {
      @Override
      Initializer stepWeight(int rank) {
        return new Initializer.Uniform(0, 0.1);
      }

      @Override
      Initializer stepBias() {
        return new Initializer.Uniform(0, 0.1);
      }

      @Override
      Initializer decays(int states) {
        return Initializer.zero();
      }
    };

    abstract Initializer stepWeight(int rank);

    abstract Initializer stepBias();

    abstract Initializer decays(int states);
  }

  /** Adds the block; the output has the sizes of {@code x}. */
  public static FeatureMap apply(Scope scope, FeatureMap x, Settings settings) {
    long directions = settings.order().directions();
    long channels = x.channels();
    int states = settings.states();
    int rank = settings.rank();
    Start start = settings.start();
    SDVariable projection =
        scope.parameter(
            "x_proj_weight",
            Initializer.fanIn(1, channels),
            directions,
            rank + 2L * states,
            channels);
    SDVariable stepWeight =
        scope.parameter("dt_projs_weight", start.stepWeight(rank), directions, channels, rank);
    SDVariable stepBias = scope.parameter("dt_projs_bias", start.stepBias(), directions, channels);
    SDVariable decays =
        scope.parameter("A_logs", start.decays(states), directions * channels, states);
    SDVariable skip = scope.parameter("Ds", Initializer.one(), directions * channels);
    ScanProjection.Outputs projected =
        ScanProjection.apply(
            scope.graph(), x.value(), projection, stepWeight, settings.order(), states);
    SelectiveScan.Terms terms =
        new SelectiveScan.Terms(
            x.value(),
            projected.delta(),
            projected.b(),
            projected.c(),
            decays,
            Optional.of(skip),
            Optional.of(stepBias));
    return x.with(SelectiveScan.apply(scope.graph(), terms, StepRule.SOFTPLUS, settings.order()));
  }
}
