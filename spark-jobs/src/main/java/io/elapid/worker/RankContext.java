package io.elapid.worker;

import java.util.List;
import java.util.Optional;

/** What one rank knows about its place in the barrier stage. */
public interface RankContext {

  /** This rank's number, from 0 on. */
  int rank();

  /** How many ranks the stage has. */
  int size();

  /** The host name or address of this rank's executor, as Spark announces it. */
  String host();

  /** The executor's id. */
  String executor();

  /**
   * Addresses of the GPUs that Spark has given to this rank, as its discovery script names them.
   */
  List<String> gpus();

  /** A Spark property of the application. */
  Optional<String> property(String name);

  /** Whether Spark wants this rank to end. */
  boolean cancelled();

  /**
   * Hands {@code mine} to every rank and returns everybody's, in rank order. Goes through the
   * driver and takes about a second: for the rendezvous, never for a training step.
   */
  List<String> allGather(String mine);
}
