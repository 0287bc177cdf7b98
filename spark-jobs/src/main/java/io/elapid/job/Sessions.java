package io.elapid.job;

import io.elapid.observe.ElapidPlugin;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Opens the Spark application with the settings that barrier training and encoded pictures need;
 * what the user set wins.
 */
public final class Sessions {

  private Sessions() {}

  /** Opens a context for one command. */
  public static JavaSparkContext open(String name) {
    SparkConf conf = new SparkConf().setAppName("elapid " + name);
    conf.setIfMissing("spark.master", "local[*]");
    conf.setIfMissing("spark.ui.showConsoleProgress", "false");
    conf.setIfMissing("spark.scheduler.barrier.maxConcurrentTasksCheck.interval", "2s");
    // A rank that does not react to being cancelled must not keep its slot from the next attempt.
    conf.setIfMissing("spark.task.reaper.enabled", "true");
    conf.setIfMissing("spark.task.reaper.killTimeout", "15s");
    String plugin = ElapidPlugin.class.getName();
    String plugins = conf.get("spark.plugins", "");
    if (!plugins.contains(plugin)) {
      conf.set("spark.plugins", plugins.isBlank() ? plugin : plugins + "," + plugin);
    }
    return new JavaSparkContext(conf);
  }
}
