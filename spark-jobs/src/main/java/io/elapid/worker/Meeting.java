package io.elapid.worker;

import io.elapid.collective.Collective;
import io.elapid.collective.FixedTreeAllReduce;
import io.elapid.collective.InProcess;
import io.elapid.collective.NcclAllReduce;
import io.elapid.collective.PeerSettings;
import io.elapid.collective.Peers;
import io.elapid.config.Recipe;
import io.elapid.kernel.AcceleratorProvider;
import io.elapid.kernel.AcceleratorUnavailableException;
import io.elapid.kernel.DeviceSums;
import java.time.Duration;
import java.util.Optional;
import org.apache.spark.SparkEnv;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the ranks of a stage become a group: each listens, says where through Spark, and proves
 * itself to the others.
 */
final class Meeting {
  private static final Logger LOG = LoggerFactory.getLogger(Meeting.class);
  private static final Duration HANDSHAKE = Duration.ofSeconds(10);

  private Meeting() {}

  static Collective of(TrainTask task, Recipe recipe, RankContext context) {
    if (context.size() == 1) {
      return InProcess.single();
    }
    PeerSettings settings =
        new PeerSettings(
            task.runId(),
            task.attempt(),
            task.secret(),
            PeerProtection.of(SparkEnv.get().conf(), recipe.cluster().encryption()),
            context.host(),
            recipe
                .cluster()
                .ports()
                .map(PeerSettings.PortRange::parse)
                .orElse(PeerSettings.PortRange.EPHEMERAL),
            recipe.cluster().connectTimeout(),
            HANDSHAKE,
            recipe.cluster().stepTimeout());
    FixedTreeAllReduce sockets =
        new FixedTreeAllReduce(
            Peers.open(settings, context::allGather, context.rank(), context.size()));
    return switch (recipe.sync().transport()) {
      case SOCKETS -> sockets;
      case NCCL -> onDevices(sockets, settings, task, context);
    };
  }

  /** Over the GPUs if all ranks can, or else over the sockets. */
  private static Collective onDevices(
      FixedTreeAllReduce sockets, PeerSettings settings, TrainTask task, RankContext context) {
    NcclAllReduce.Agreement agreed;
    try {
      Duration forming = Duration.ofNanos(settings.operationTimeout().toNanos() / 2);
      if (settings.connectTimeout().compareTo(forming) < 0) {
        forming = settings.connectTimeout();
      }
      agreed =
          NcclAllReduce.agree(
              sockets,
              () -> deviceSums(settings.protection()),
              forming,
              settings.operationTimeout());
    } catch (RuntimeException e) {
      sockets.close();
      throw e;
    }
    if (agreed.obstacle().isEmpty()) {
      LOG.info("ranks sum by {}", agreed.library());
    } else {
      LOG.warn("ranks sum over sockets, not by NCCL: {}", agreed.obstacle());
    }
    if (context.rank() == 0) {
      RunEvents.send(
          "sums",
          "attempt",
          task.attempt(),
          "by",
          agreed.library().isEmpty() ? "sockets" : agreed.library(),
          "because",
          agreed.obstacle());
    }
    return agreed.collective();
  }

  /**
   * What a rank of this process would sum with on its device.
   *
   * @throws AcceleratorUnavailableException when it can only sum over sockets, and why
   */
  static DeviceSums deviceSums(PeerSettings.Protection protection)
      throws AcceleratorUnavailableException {
    if (protection == PeerSettings.Protection.ENCRYPTED) {
      throw new AcceleratorUnavailableException(
          "what ranks exchange is to be encrypted, which NCCL does not do");
    }
    Optional<AcceleratorProvider> provider = AcceleratorProvider.ofProcess();
    if (provider.isEmpty()) {
      throw new AcceleratorUnavailableException("computes on the CPU");
    }
    return provider.get().sums();
  }
}
