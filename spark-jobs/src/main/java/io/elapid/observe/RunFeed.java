package io.elapid.observe;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
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
  private static final AtomicReference<Driver> TO_DRIVER = new AtomicReference<>();
  private static final List<Function<String, String>> LISTENERS = new CopyOnWriteArrayList<>();

  private RunFeed() {}

  /** The driver, as an executor sees it, or it itself. */
  interface Driver {
    void send(String line);

    String ask(String line);
  }

  /** Sends one line from a rank to the driver; does nothing where no plugin is loaded. */
  public static void send(String line) {
    Driver driver = TO_DRIVER.get();
    if (driver == null) {
      return;
    }
    try {
      driver.send(line);
    } catch (RuntimeException e) {
      LOG.warn("a report to the driver was lost: {}", e.toString());
    }
  }

  /**
   * Sends one line and returns the answer, which is empty unless a listener has one; throws if the
   * driver does not answer within Spark's own time. Empty where no plugin is loaded.
   */
  public static String ask(String line) {
    Driver driver = TO_DRIVER.get();
    return driver == null ? "" : driver.ask(line);
  }

  /**
   * Calls {@code listener} with every line that arrives in this driver until the subscription is
   * closed; what it returns answers the rank that asks.
   */
  public static Subscription subscribe(Function<String, String> listener) {
    LISTENERS.add(listener);
    return () -> LISTENERS.remove(listener);
  }

  static void connect(Driver driver) {
    TO_DRIVER.set(driver);
  }

  static String deliver(String line) {
    String answer = "";
    for (Function<String, String> listener : LISTENERS) {
      try {
        String said = listener.apply(line);
        answer = said.isEmpty() ? answer : said;
      } catch (RuntimeException e) {
        LOG.warn("a report from a rank could not be used: {}", e.toString());
      }
    }
    return answer;
  }

  /** Ends a subscription. */
  @FunctionalInterface
  public interface Subscription extends AutoCloseable {
    @Override
    void close();
  }
}
