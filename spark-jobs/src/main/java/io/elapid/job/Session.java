package io.elapid.job;

import io.elapid.data.InputException;
import io.elapid.observe.ElapidPlugin;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.util.ShutdownHookManager;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * A Spark application with the settings that barrier training needs; what the user has set wins.
 * One that was opened here ends when closed.
 */
public final class Session implements AutoCloseable {
  private static final String PLUGINS = "spark.plugins";

  /** After a run's {@link StopSignal}, before Spark's own hooks, which have 40. */
  private static final int PRIORITY = 60;

  private final JavaSparkContext spark;
  private final Runnable end;

  private Session(JavaSparkContext spark, Runnable end) {
    this.spark = spark;
    this.end = end;
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
    String plugins = conf.get(PLUGINS, "");
    if (!plugins.contains(plugin)) {
      conf.set(PLUGINS, plugins.isBlank() ? plugin : plugins + "," + plugin);
    }
    JavaSparkContext spark = new JavaSparkContext(conf);
    String application = spark.sc().applicationId();
    // Spark's own would end the executors of a local cluster first, and it starts others meanwhile
    Runnable stop = spark::close;
    ShutdownHookManager hooks = ShutdownHookManager.get();
    hooks.addShutdownHook(stop, PRIORITY);
    return new Session(
        spark,
        () -> {
          spark.close();
          ExecutorJars.remove(conf, application);
          if (!hooks.isShutdownInProgress()) {
            hooks.removeShutdownHook(stop);
          }
        });
  }

  /**
   * An application that someone else has started and will end, such as a notebook's.
   *
   * @throws InputException if ranks could not report to it
   */
  public static Session within(SparkContext spark) {
    String plugin = ElapidPlugin.class.getName();
    if (!spark.conf().get(PLUGINS, "").contains(plugin)) {
      throw new InputException(
          "this Spark application was started without Elapid's plugin",
          "set %s to %s before Spark starts".formatted(PLUGINS, plugin));
    }
    return new Session(JavaSparkContext.fromSparkContext(spark), () -> {});
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
    end.run();
  }
}
