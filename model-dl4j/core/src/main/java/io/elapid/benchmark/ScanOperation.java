package io.elapid.benchmark;

/** What of a state space is timed. */
public enum ScanOperation {
  SCAN,
  SCAN_GRADIENT,
  PROJECTION,
  PROJECTION_GRADIENT
}
