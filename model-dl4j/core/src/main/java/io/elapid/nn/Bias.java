package io.elapid.nn;

/** Whether a layer adds a learnt value per output channel. */
public enum Bias {
  NONE,
  LEARNT
}
