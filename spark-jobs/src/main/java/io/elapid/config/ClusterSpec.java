package io.elapid.config;

import java.time.Duration;
import java.util.Optional;

/**
 * What the run asks of the cluster, and how long it waits.
 *
 * @param ranks barrier tasks that train together
 * @param minRanks how few of them a start goes on with when slots are missing; 0 for all of them
 * @param threadsPerRank threads of the numeric kernels of one rank
 * @param gpusPerRank GPUs that each rank computes on
 * @param gpuWork what of the network these compute
 * @param gpuStorage what scans keep their tensors as there
 * @param recompute what a step's backward pass computes anew
 * @param slotsTimeout longest wait for that many free task slots
 * @param stepTimeout longest wait for the other ranks in one exchange
 * @param connectTimeout longest time for the ranks to find and authenticate each other
 * @param silenceTimeout after which a rank that gives no sign of life counts as lost
 * @param leaseTimeout after which a run whose driver gives no sign of life may be taken over
 * @param encryption of what the ranks exchange
 * @param ports where ranks listen for each other, "first-last"; any free port if empty
 * @param maxFailures restarts from the newest checkpoint before the run is given up
 */
public record ClusterSpec(
    @Bounds("[1, 4096]") int ranks,
    @Bounds("[0, 4096]") int minRanks,
    @Bounds("[1, 1024]") int threadsPerRank,
    @Bounds("[0, 1]") int gpusPerRank,
    GpuWork gpuWork,
    GpuStorage gpuStorage,
    Recompute recompute,
    Duration slotsTimeout,
    Duration stepTimeout,
    Duration connectTimeout,
    Duration silenceTimeout,
    Duration leaseTimeout,
    Encryption encryption,
    Optional<String> ports,
    @Bounds("[0, 1000]") int maxFailures) {
  /** The least number of ranks that a start goes on with. */
  public int fewestRanks() {
    return minRanks == 0 ? ranks : minRanks;
  }

  /** What of the network a rank's GPU computes. */
  public enum GpuWork {
    /** All that there are kernels for; tensors stay there. */
    NETWORK,
    /** These alone; tensors go there and back. */
    STATE_SPACES
  }

  /** What scans keep their tensors as on a rank's GPU. */
  public enum GpuStorage {
    FLOAT32,
    /** In half the bytes, with eight bits of precision. */
    BFLOAT16
  }

  /** What the backward pass computes anew instead of keeping it since the forward pass. */
  public enum Recompute {
    /** Maps that cost little. */
    MAPS,
    /** All is kept. */
    NOTHING
  }

  /** Whether ranks encrypt what they exchange. Each proves in any case that it belongs there. */
  public enum Encryption {
    /** If Spark secures its own connections. */
    AUTO,
    ON,
    OFF
  }
}
