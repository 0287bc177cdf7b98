package io.elapid.worker;

import io.elapid.collective.Collective;
import io.elapid.collective.FixedTreeAllReduce;
import io.elapid.collective.InProcess;
import io.elapid.collective.PeerSettings;
import io.elapid.collective.Peers;
import io.elapid.config.Recipe;
import java.time.Duration;
import org.apache.spark.SparkEnv;

/**
 * How the ranks of a stage become a group: each listens, says where through Spark, and proves
 * itself to the others.
 */
final class Meeting {
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
    return new FixedTreeAllReduce(
        Peers.open(settings, context::allGather, context.rank(), context.size()));
  }
}
