package io.elapid.job;

import io.elapid.worker.MachineProbe;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Whether ranks that are to sum over their GPUs can: if one cannot, all of them use sockets. */
final class SumsCheck {
  private static final String SUBJECT = "sums";

  private SumsCheck() {}

  /**
   * @param ranks what each has said of itself
   */
  static Finding of(List<MachineProbe.Facts> ranks) {
    String library = ranks.get(0).sums().library();
    Map<String, String> devices = new HashMap<>();
    for (MachineProbe.Facts rank : ranks) {
      MachineProbe.DeviceSumsFacts sums = rank.sums();
      if (!sums.obstacle().isEmpty()) {
        return sockets(
            "executor %s: %s".formatted(rank.executor(), sums.obstacle()),
            "put that right (libnccl.so.2, 2.14 or newer, on every node, and no encryption)");
      }
      if (!sums.library().equals(library)) {
        return sockets(
            "executor %s has %s, executor %s has %s"
                .formatted(ranks.get(0).executor(), library, rank.executor(), sums.library()),
            "install the same version on every node");
      }
      String other = devices.put(sums.device(), rank.executor());
      if (other != null) {
        return sockets(
            "executors %s and %s have the same GPU, %s"
                .formatted(other, rank.executor(), sums.device()),
            "-D cluster.gpus-per-rank=1, with a GPU for every rank");
      }
    }
    return Finding.ok(SUBJECT, "ranks can sum by " + library);
  }

  private static Finding sockets(String obstacle, String fix) {
    return Finding.advice(
        SUBJECT,
        obstacle + ": ranks would sum over sockets",
        fix + ", or -D sync.transport=sockets");
  }
}
