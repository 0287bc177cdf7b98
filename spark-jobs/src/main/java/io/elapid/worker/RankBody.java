package io.elapid.worker;

import java.io.Serializable;

/** The work of one rank; shipped to every executor of a {@link BarrierStage}. */
@FunctionalInterface
public interface RankBody extends Serializable {

  /** Does the work and returns this rank's result as UTF-8 JSON text. */
  String run(RankContext context) throws Exception;
}
