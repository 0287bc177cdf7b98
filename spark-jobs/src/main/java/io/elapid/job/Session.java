package io.elapid.job;

import io.elapid.observe.ElapidPlugin;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * A Spark application with the settings that barrier training needs; what the user has set wins.
 * Ends when closed.
 */
public final class Session implements AutoCloseable {
  private final JavaSparkContext spark;

  private Session(JavaSparkContext spark) {
    this.spark = spark;
  }

  /** Whether this process was started by spark-submit, which names a master. */
  public static boolean submitted() {
    return System.getProperty("spark.master") != null;
  }

  /** Starts the application for one command. */
  public static Session open(String name) {
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
    return new Session(new JavaSparkContext(conf));
  }

  /** How the application reaches its file systems. */
  public Configuration hadoop() {
    return spark.hadoopConfiguration();
  }

  /** Tasks that a stage should have at least. */
  public int parallelism() {
    return spark.defaultParallelism();
  }

  JavaSparkContext spark() {
    return spark;
  }

  @Override
  public void close() {
    spark.close();
  }
}
