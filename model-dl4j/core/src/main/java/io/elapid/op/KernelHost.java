package io.elapid.op;

/** An ND4J op executioner that can run {@link ElapidOp}s. */
public interface KernelHost {
  /** What runs them. */
  OpRunner opRunner();
}
