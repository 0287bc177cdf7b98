package io.elapid.backend.cuda;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/**
 * Before any test: puts the stand-in where the driver is looked for, unless the real one is asked
 * for by {@code -Delapid.test.gpu}.
 */
public final class StandInSession implements LauncherSessionListener {
  /** System property: tests run on the GPU of this machine. */
  static final String GPU = "elapid.test.gpu";

  @Override
  public void launcherSessionOpened(LauncherSession session) {
    // the build tool itself opens a session too, to deal the classes out to JVMs
    if (System.getProperty(GPU) != null || System.getProperty(StandIn.SOURCES) == null) {
      return;
    }
    if (StandIn.obstacle().isPresent()) {
      System.out.println("SKIPPED: tests of the CUDA kernels: " + StandIn.obstacle().get());
      return;
    }
    try {
      System.setProperty(Driver.LIBRARY, StandIn.library(StandIn.Flavour.FAST).toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while g++ was running", e);
    }
  }
}
