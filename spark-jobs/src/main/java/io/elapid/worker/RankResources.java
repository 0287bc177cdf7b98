package io.elapid.worker;

import io.elapid.config.ClusterSpec;
import io.elapid.data.InputException;
import io.elapid.kernel.Accelerator;
import io.elapid.kernel.KernelChoice;
import io.elapid.op.OpRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.resource.ResourceProfile;
import org.apache.spark.resource.ResourceProfileBuilder;
import org.apache.spark.resource.TaskResourceRequests;

/**
 * What Spark gives each rank. A rank that computes on a GPU has one of its own: the address comes
 * from Spark, which has it from the discovery script of the worker or executor.
 *
 * <p>Only the stage that trains asks for GPUs, where Spark can give them to one stage; so the
 * others, which decode pictures, do not hold any.
 */
public final class RankResources {
  static final String GPU = "gpu";
  private static final String KERNELS = "cuda";
  private static final String STARTED_WITH = System.getProperty(Accelerator.PATIENCE, "");
  private static final String TASK_GPUS = "spark.task.resource.gpu.amount";
  private static final String EXECUTOR_GPUS = "spark.executor.resource.gpu.amount";
  private static final String REMEDY =
      "set spark.executor.resource.gpu.amount and its discoveryScript as conf/spark/*-gpu.conf do,"
          + " and leave spark.task.resource.gpu.amount unset or 1; or train on the CPU: -D"
          + " cluster.gpus-per-rank=0";

  private RankResources() {}

  /**
   * The profile of the stage that trains.
   *
   * @throws InputException when the recipe wants GPUs and Spark has not been told of any
   */
  public static ResourceProfile profile(SparkContext spark, ClusterSpec cluster) {
    ResourceProfile plain = spark.resourceProfileManager().defaultResourceProfile();
    if (cluster.gpusPerRank() == 0) {
      return plain;
    }
    SparkConf conf = spark.conf();
    if (conf.contains(TASK_GPUS)) {
      if (!conf.get(TASK_GPUS).equals("1")) {
        throw new InputException(
            "every rank has a GPU of its own, but %s is %s"
                .formatted(TASK_GPUS, conf.get(TASK_GPUS)),
            REMEDY);
      }
      return plain;
    }
    if (!conf.contains(EXECUTOR_GPUS)) {
      throw new InputException(
          "cluster.gpus-per-rank is 1, but the executors have no GPUs: %s is not set"
              .formatted(EXECUTOR_GPUS),
          REMEDY);
    }
    TaskResourceRequests wanted = new TaskResourceRequests();
    wanted.cpus(conf.getInt("spark.task.cpus", 1)).resource(GPU, 1);
    ResourceProfile profile = new ResourceProfileBuilder().require(wanted).build();
    spark.resourceProfileManager().addResourceProfile(profile);
    return profile;
  }

  /**
   * The GPU of a rank in words: its address, or nothing.
   *
   * @throws InputException when the recipe wants one and Spark has given another number of them
   */
  static String gpu(int gpusPerRank, List<String> addresses) {
    if (gpusPerRank == 1 && addresses.size() != 1) {
      throw new InputException(
          "a rank computes on one GPU, but Spark has given it %d: %s"
              .formatted(addresses.size(), addresses),
          REMEDY);
    }
    return String.join(",", addresses);
  }

  /**
   * Has GPUs of this process compute that much of a network and keep scans' tensors so; to be
   * called before {@link #compute}.
   *
   * @param stepTimeout of the run: unless the process was started with another patience, that with
   *     a GPU ends a little before, since then the error names the GPU and what it had to do
   */
  static void setUp(
      ClusterSpec.GpuWork work, ClusterSpec.GpuStorage storage, Duration stepTimeout) {
    System.setProperty(Accelerator.WORK, word(work));
    System.setProperty(Accelerator.STORAGE, word(storage));
    if (STARTED_WITH.isEmpty()) {
      long before = Math.max(1, stepTimeout.toSeconds() * 9 / 10);
      long seconds = Math.min(Accelerator.PATIENT_SECONDS, before);
      System.setProperty(Accelerator.PATIENCE, Long.toString(seconds));
    }
  }

  private static String word(Enum<?> choice) {
    return choice.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * Has this process compute on the rank's GPU, if it has one, and on the CPU if not; to be called
   * before anything is computed. A run before may have computed elsewhere; kernels that were chosen
   * on the command line stay chosen.
   *
   * @throws InputException when another rank of this process computes on another GPU, or the
   *     distribution is one for GPUs and this one cannot be used
   */
  static void compute(int gpusPerRank, String gpu) {
    if (gpusPerRank == 0) {
      KernelChoice.prefer(KernelChoice.CPU);
      return;
    }
    String other = System.getProperty(Accelerator.DEVICE, gpu);
    if (!other.equals(gpu)) {
      throw new InputException(
          "the ranks of one executor have the GPUs %s and %s, but a process computes on one"
              .formatted(other, gpu),
          "give every rank an executor of its own: spark.executor.cores equal to spark.task.cpus,"
              + " spark.executor.resource.gpu.amount 1; and leave -D%s to Spark"
                  .formatted(Accelerator.DEVICE));
    }
    System.setProperty(Accelerator.DEVICE, gpu);
    KernelChoice.prefer(KERNELS);
    if (KernelChoice.ofProcess().required()) {
      OpRegistry.register().choose();
    }
  }
}
