package io.elapid.worker;

/** Where the time of a step goes that is not spent on averaging. */
record BusySeconds(double data, double compute, double update) {
  static final BusySeconds NONE = new BusySeconds(0, 0, 0);

  /** What a clock has counted so far. */
  static BusySeconds of(PhaseClock clock) {
    return new BusySeconds(
        clock.seconds(Phase.DATA), clock.seconds(Phase.COMPUTE), clock.seconds(Phase.UPDATE));
  }

  BusySeconds plus(BusySeconds other) {
    return new BusySeconds(data + other.data, compute + other.compute, update + other.update);
  }

  BusySeconds minus(BusySeconds other) {
    return new BusySeconds(data - other.data, compute - other.compute, update - other.update);
  }

  double all() {
    return data + compute + update;
  }
}
