package io.elapid.observe;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The two ends of the line between ranks and driver: {@link #send} in an executor, {@link
 * #subscribe} in the driver.
 *
 * <p>Spark creates the plugin that connects them, not we, so the ends are found through this class.
 * What is sent is one line of JSON. Reporting never stops a run: a line that cannot be sent is
 * dropped with a log entry.
 */
public final class RunFeed {
  private static final Logger LOG = LoggerFactory.getLogger(RunFeed.class);
  private static final AtomicReference<Consumer<String>> TO_DRIVER = new AtomicReference<>();
  private static final List<Consumer<String>> LISTENERS = new CopyOnWriteArrayList<>();

  private RunFeed() {}

  /** Sends one line from a rank to the driver; does nothing where no plugin is loaded. */
  public static void send(String line) {
    Consumer<String> driver = TO_DRIVER.get();
    if (driver == null) {
      return;
    }
    try {
      driver.accept(line);
    } catch (RuntimeException e) {
      LOG.warn("a report to the driver was lost: {}", e.toString());
    }
  }

  /**
   * Calls {@code listener} with every line that arrives in this driver until the subscription is
   * closed.
   */
  public static Subscription subscribe(Consumer<String> listener) {
    LISTENERS.add(listener);
    return () -> LISTENERS.remove(listener);
  }

  static void connect(Consumer<String> driver) {
    TO_DRIVER.set(driver);
  }

  static void deliver(String line) {
    for (Consumer<String> listener : LISTENERS) {
      try {
        listener.accept(line);
      } catch (RuntimeException e) {
        LOG.warn("a report from a rank could not be used: {}", e.toString());
      }
    }
  }

  /** Ends a subscription. */
  @FunctionalInterface
  public interface Subscription extends AutoCloseable {
    @Override
    void close();
  }
}
