package io.elapid.data.source;

import java.io.Serializable;

/**
 * One thing that a listing found. What belongs to the same sample shares its id, and may come from
 * different units, in any order.
 */
public sealed interface Listed extends Serializable
    permits SampleRef, ListedAnnotation, ListedProblem {

  /** "train" or "val". */
  String split();

  /** The sample's id, unique in the data set. */
  String id();

  /** The place among the things found of the same sample: the picture first, then by position. */
  long order();
}
