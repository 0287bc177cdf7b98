package io.elapid.dl4j;

import java.io.Serializable;
import java.nio.ByteBuffer;

/** One step of a worker; shipped to every executor. */
@FunctionalInterface
public interface StateStep extends Serializable {

  /**
   * Does one step.
   *
   * @param worker number of the worker, from 0 on
   * @param step counted from the beginning of the run
   * @param state floats in native order: before the step, and when this returns, after it
   * @return the loss
   */
  double run(int worker, long step, ByteBuffer state) throws Exception;
}
