package io.elapid.observe.tab;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import io.elapid.observe.LiveRun;
import io.elapid.observe.RunGauges;
import org.apache.spark.SparkEnv;
import org.apache.spark.metrics.MetricsSystem;
import org.apache.spark.metrics.source.Source;
import scala.collection.Iterator;

/** The latest numbers of a run as gauges that every sink of Spark's metrics system sees. */
final class TrainingSource implements Source {
  private static final String NAME = "elapid";

  private final MetricRegistry registry = new MetricRegistry();

  private TrainingSource(LiveRun run) {
    RunGauges.byName()
        .forEach(
            (name, number) ->
                registry.register(name, (Gauge<Double>) () -> number.applyAsDouble(run.gauges())));
    registry.register("restarts", (Gauge<Integer>) run::restarts);
  }

  /** Takes the place of an earlier run's gauges. */
  static void register(LiveRun run) {
    MetricsSystem metrics = SparkEnv.get().metricsSystem();
    for (Iterator<Source> old = metrics.getSourcesByName(NAME).iterator(); old.hasNext(); ) {
      metrics.removeSource(old.next());
    }
    metrics.registerSource(new TrainingSource(run));
  }

  @Override
  public String sourceName() {
    return NAME;
  }

  @Override
  public MetricRegistry metricRegistry() {
    return registry;
  }
}
