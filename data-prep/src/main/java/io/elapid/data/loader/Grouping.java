package io.elapid.data.loader;

/** Which pictures may share a batch. */
public enum Grouping {
  /** Any. */
  NONE,
  /** Those that are at least as wide as high, or those that are higher: less has to be padded. */
  ASPECT_RATIO
}
