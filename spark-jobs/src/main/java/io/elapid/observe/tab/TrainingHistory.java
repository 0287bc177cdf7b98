package io.elapid.observe.tab;

import io.elapid.observe.LiveRun;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.SparkConf;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerEvent;
import org.apache.spark.status.AppHistoryServerPlugin;
import org.apache.spark.status.ElementTrackingStore;
import org.apache.spark.ui.SparkUI;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.collection.JavaConverters;
import scala.collection.Seq;
import scala.runtime.BoxedUnit;

/**
 * What the History Server needs to show the Training tab: it gathers the events of a run from the
 * event log into the application's store, and makes the tab from there. Found as a service.
 */
public final class TrainingHistory implements AppHistoryServerPlugin {
  private static final Logger LOG = LoggerFactory.getLogger(TrainingHistory.class);

  @Override
  public Seq<SparkListener> createListeners(SparkConf conf, ElementTrackingStore store) {
    Gatherer gatherer = new Gatherer();
    store.onFlush(
        () -> {
          gatherer.keep(store);
          return BoxedUnit.UNIT;
        });
    return JavaConverters.asScalaBufferConverter(List.<SparkListener>of(gatherer))
        .asScala()
        .toSeq();
  }

  @Override
  public void setupUI(SparkUI ui) {
    try {
      LiveRun run = new LiveRun();
      ui.store()
          .store()
          .read(TrainingRecord.class, TrainingRecord.KEY)
          .lines()
          .forEach(run::accept);
      TrainingTab.show(ui, run);
    } catch (NoSuchElementException e) {
      LOG.debug("nothing was trained in {}", ui.appId());
    } catch (Exception | LinkageError e) {
      LOG.warn("No Training tab for {}: {}", ui.appId(), e.toString());
    }
  }

  @Override
  public int displayOrder() {
    return Integer.MAX_VALUE;
  }

  private static final class Gatherer extends SparkListener {
    private final StringBuilder lines = new StringBuilder();

    @Override
    public void onOtherEvent(SparkListenerEvent event) {
      if (event instanceof TrainingEvent training) {
        lines.append(training.line()).append('\n');
      }
    }

    void keep(ElementTrackingStore store) {
      if (!lines.isEmpty()) {
        store.write(new TrainingRecord(TrainingRecord.KEY, lines.toString()));
      }
    }
  }
}
