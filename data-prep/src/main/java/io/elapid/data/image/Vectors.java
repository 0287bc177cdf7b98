package io.elapid.data.image;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether pixels are computed many at a time. */
final class Vectors {
  private static final String MODULE = "jdk.incubator.vector";

  /**
   * False where the JVM was started without the Vector API or the processor's registers are small.
   */
  static final boolean AVAILABLE = available();

  private Vectors() {}

  private static boolean available() {
    Logger log = LoggerFactory.getLogger(Vectors.class);
    if (ModuleLayer.boot().findModule(MODULE).isEmpty()) {
      log.warn(
          "Pictures are read by the JDK's slower library: start Java with --add-modules={}",
          MODULE);
      return false;
    }
    if (Lanes.COUNT < Lanes.LEAST) {
      log.warn(
          "Pictures are read by the JDK's slower library: registers of {} numbers are too short",
          Lanes.COUNT);
      return false;
    }
    return true;
  }
}
