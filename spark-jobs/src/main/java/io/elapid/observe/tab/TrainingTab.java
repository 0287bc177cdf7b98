package io.elapid.observe.tab;

import io.elapid.observe.LiveRun;
import org.apache.spark.SparkContext;
import org.apache.spark.ui.SparkUI;
import org.apache.spark.ui.SparkUITab;
import org.apache.spark.ui.WebUITab;
import scala.collection.Iterator;

/** The tab of a Spark application's pages that shows how training goes. */
final class TrainingTab extends SparkUITab {
  private static final String PREFIX = "training";

  private volatile LiveRun run;

  private TrainingTab(SparkUI ui, LiveRun run) {
    super(ui, PREFIX);
    this.run = run;
    attachPage(new TrainingPage(this));
  }

  /** Shows a run in the pages of a running application, if it has any. */
  static void show(SparkContext spark, LiveRun run) {
    if (spark.ui().isDefined()) {
      show(spark.ui().get(), run);
    }
  }

  /** Shows a run; an application has one such tab. */
  static void show(SparkUI ui, LiveRun run) {
    for (Iterator<WebUITab> tabs = ui.getTabs().iterator(); tabs.hasNext(); ) {
      if (tabs.next() instanceof TrainingTab there) {
        there.run = run;
        return;
      }
    }
    ui.attachTab(new TrainingTab(ui, run));
  }

  LiveRun run() {
    return run;
  }

  @Override
  public String name() {
    return "Training";
  }
}
