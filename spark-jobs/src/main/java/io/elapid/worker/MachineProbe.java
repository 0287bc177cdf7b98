package io.elapid.worker;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.elapid.collective.PeerSettings;
import io.elapid.config.ClusterSpec;
import io.elapid.config.SyncSpec;
import io.elapid.data.InputException;
import io.elapid.data.shard.Manifest;
import io.elapid.kernel.AcceleratorUnavailableException;
import io.elapid.kernel.DeviceSums;
import io.elapid.op.OpRegistry;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkEnv;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Looks at an executor from inside: what a rank would find there.
 *
 * @param hadoop how to reach the file systems
 * @param dataset that must be readable; empty for none
 * @param output folder that must be writable; empty for none
 * @param gpusPerRank GPUs that a rank computes on
 * @param transport how ranks are to sum
 * @param encryption of what they exchange
 */
public record MachineProbe(
    SerializableConfiguration hadoop,
    String dataset,
    String output,
    int gpusPerRank,
    SyncSpec.SumTransport transport,
    ClusterSpec.Encryption encryption)
    implements RankBody {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * What an executor has said of itself.
   *
   * @param vector whether the Vector API is there
   * @param kernels which kernels compute, or why none do
   * @param remedy what would let them; empty if they do, or nobody knows
   * @param clockMillis its time, as {@link System#currentTimeMillis()} counts
   * @param heap largest heap in bytes
   * @param processLimit memory of the whole process, as JavaCPP is told; empty if it is not
   * @param arguments of the JVM
   * @param data why the data set cannot be read; empty if it can
   * @param writing why the output folder cannot be written; empty if it can
   * @param sums how it would sum on its device
   */
  public record Facts(
      String host,
      String executor,
      int javaFeature,
      boolean vector,
      String kernels,
      boolean computes,
      String remedy,
      int processors,
      String ompThreads,
      long clockMillis,
      long heap,
      String processLimit,
      List<String> arguments,
      List<String> gpus,
      String data,
      String writing,
      DeviceSumsFacts sums) {

    /** Reads what a probe has returned. */
    public static Facts parse(String json) {
      try {
        return JSON.readValue(json, Facts.class);
      } catch (JsonProcessingException e) {
        throw new IllegalStateException("not the answer of a probe: " + json, e);
      }
    }
  }

  /**
   * How an executor would sum on its device; nothing where that is not asked for.
   *
   * @param library as in "NCCL 2.21.5"
   * @param device unlike any other
   * @param obstacle why it cannot
   */
  public record DeviceSumsFacts(String library, String device, String obstacle) {
    public static final DeviceSumsFacts NONE = new DeviceSumsFacts("", "", "");
  }

  /** Returns {@link Facts} as JSON; what fails is said in them. */
  @Override
  public String run(RankContext context) throws IOException {
    long clock = System.currentTimeMillis();
    String kernels;
    boolean computes = true;
    String remedy = "";
    try {
      RankResources.compute(gpusPerRank, RankResources.gpu(gpusPerRank, context.gpus()));
      kernels = OpRegistry.register().kernels().name();
    } catch (InputException e) {
      kernels = e.getMessage();
      computes = false;
      remedy = e.remedy();
    } catch (Exception | LinkageError e) {
      kernels = e.toString();
      computes = false;
    }
    return JSON.writeValueAsString(
        new Facts(
            InetAddress.getLocalHost().getHostName(),
            context.executor(),
            Runtime.version().feature(),
            ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent(),
            kernels,
            computes,
            remedy,
            Runtime.getRuntime().availableProcessors(),
            String.valueOf(System.getenv("OMP_NUM_THREADS")),
            clock,
            Runtime.getRuntime().maxMemory(),
            System.getProperty("org.bytedeco.javacpp.maxphysicalbytes", ""),
            ManagementFactory.getRuntimeMXBean().getInputArguments(),
            context.gpus(),
            reason(this::read),
            reason(this::write),
            sums()));
  }

  private DeviceSumsFacts sums() {
    if (transport == SyncSpec.SumTransport.SOCKETS) {
      return DeviceSumsFacts.NONE;
    }
    PeerSettings.Protection protection = PeerProtection.of(SparkEnv.get().conf(), encryption);
    try (DeviceSums sums = Meeting.deviceSums(protection)) {
      return new DeviceSumsFacts(sums.library(), sums.device(), "");
    } catch (AcceleratorUnavailableException | RuntimeException e) {
      return new DeviceSumsFacts("", "", RunEvents.describe(e));
    }
  }

  private interface Attempt {
    void run(Configuration conf) throws IOException;
  }

  private String reason(Attempt attempt) {
    try {
      attempt.run(hadoop.value());
      return "";
    } catch (IOException | RuntimeException e) {
      return RunEvents.describe(e);
    }
  }

  private void read(Configuration conf) throws IOException {
    if (!dataset.isEmpty()) {
      Manifest.read(conf, new Path(dataset));
    }
  }

  /** Writes, renames and deletes a small file, as a checkpoint will be. */
  private void write(Configuration conf) throws IOException {
    if (output.isEmpty()) {
      return;
    }
    Path probe = new Path(output, "_probe-" + UUID.randomUUID());
    Path renamed = probe.suffix("-renamed");
    FileSystem files = probe.getFileSystem(conf);
    try (FSDataOutputStream out = files.create(probe, false)) {
      out.write("elapid doctor".getBytes(StandardCharsets.UTF_8));
    }
    if (!files.rename(probe, renamed) || !files.delete(renamed, false)) {
      throw new IOException("files cannot be renamed or deleted in " + output);
    }
  }
}
