package io.elapid.checkpoint;

/** What becomes of something that has the name of what is to be written. */
public enum Existing {
  /** Nothing is written. */
  REFUSE,
  /** It is replaced once what is new is whole. */
  REPLACE
}
