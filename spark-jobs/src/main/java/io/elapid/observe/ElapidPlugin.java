package io.elapid.observe;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import org.apache.spark.SparkContext;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.api.plugin.SparkPlugin;

/**
 * Carries what ranks report to the driver over Spark's own channel, so that it is authenticated and
 * encrypted whenever Spark's traffic is. Named in {@code spark.plugins}; a session without it
 * trains all the same, but silently.
 */
public final class ElapidPlugin implements SparkPlugin {

  @Override
  public DriverPlugin driverPlugin() {
    return new DriverPlugin() {
      @Override
      public Map<String, String> init(SparkContext spark, PluginContext context) {
        RunFeed.connect(new Here());
        return Map.of();
      }

      @Override
      public Object receive(Object message) {
        return message instanceof String line ? RunFeed.deliver(line) : "";
      }
    };
  }

  @Override
  public ExecutorPlugin executorPlugin() {
    return new ExecutorPlugin() {
      @Override
      public void init(PluginContext context, Map<String, String> extra) {
        RunFeed.connect(new Link(context));
      }
    };
  }

  /** The driver itself may have something to report, too. */
  private record Here() implements RunFeed.Driver {
    @Override
    public void send(String line) {
      RunFeed.deliver(line);
    }

    @Override
    public String ask(String line) {
      return RunFeed.deliver(line);
    }
  }

  private record Link(PluginContext context) implements RunFeed.Driver {
    @Override
    public void send(String line) {
      try {
        context.send(line);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public String ask(String line) {
      try {
        return String.valueOf(context.ask(line));
      } catch (Exception e) {
        throw new IllegalStateException("the driver gave no answer: " + e.getMessage(), e);
      }
    }
  }
}
