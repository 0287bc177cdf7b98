package io.elapid.worker;

import io.elapid.checkpoint.DType;
import io.elapid.checkpoint.NamedTensor;
import io.elapid.collective.CompressedSum;
import io.elapid.collective.Compression;
import io.elapid.collective.LeftOut;
import io.elapid.collective.TreeSum;
import io.elapid.data.InputException;
import io.elapid.engine.DivergenceException;
import io.elapid.engine.StepStats;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Each rank sums the gradients of its own shards, and what travels is compressed; statistics, loss
 * and counts go as they are. What the messages leave out is part of the state of the run: rank 0
 * saves it for all. A lone rank sends nothing and drops it.
 */
final class CompressedSync implements StepSync {
  private static final String OF_SUMS = "left_out.sums";

  private final StepSync.Parts<?> parts;
  private final StepSync.OwnShards own;
  private final CompressedSum gradients;
  private final int gradientLength;
  private final TreeSum ranks;
  private final ByteBuffer sum;
  private Optional<LeftOut> leftOut = Optional.empty();

  CompressedSync(StepSync.Parts<?> parts, Compression compression) {
    this.parts = parts;
    this.own = new StepSync.OwnShards(parts);
    this.gradientLength = parts.trainer().gradientLength();
    this.gradients = new CompressedSum(parts.collective(), compression, gradientLength);
    this.ranks = StepSync.ofRanks(parts.collective(), parts.trainer().vectorLength());
    this.sum = StepSync.floats(ranks.length());
  }

  @Override
  public StepStats step(double learningRate) throws Exception {
    ByteBuffer mine = own.sum();
    parts.clock().enter(Phase.SYNC);
    try {
      gradients.sum(mine, sum);
    } catch (ArithmeticException e) {
      throw new DivergenceException("a gradient is not finite: " + e.getMessage());
    }
    ranks.reset();
    ranks.add(parts.collective().rank(), mine, gradientLength, ranks.length());
    parts.collective().allReduce(ranks, gradientLength, ranks.length(), sum);
    parts.clock().enter(Phase.UPDATE);
    return parts.trainer().apply(sum, parts.plan().shards(), learningRate);
  }

  /** Brings what all ranks have left out to the one that saves. */
  @Override
  public void settle() {
    parts.clock().enter(Phase.SYNC);
    leftOut = gradients.leftOut();
  }

  /** All ranks must take part in saving, so all must know of it. */
  @Override
  public boolean stops(boolean asked) {
    parts.clock().enter(Phase.SYNC);
    byte[] mine = {(byte) (asked ? 1 : 0)};
    boolean stops = parts.collective().allGather(mine).get(0)[0] == 1;
    if (stops) {
      settle();
    }
    return stops && parts.collective().rank() == 0;
  }

  @Override
  public List<NamedTensor> state() {
    List<NamedTensor> tensors = new ArrayList<>();
    leftOut.ifPresent(
        all -> {
          for (int rank = 0; rank < all.ofRanks().size(); rank++) {
            tensors.add(tensor(ofRank(rank), all.ofRanks().get(rank)));
          }
          tensors.add(tensor(OF_SUMS, all.ofSums()));
        });
    return tensors;
  }

  private static String ofRank(int rank) {
    return String.format(Locale.ROOT, "left_out.rank_%05d", rank);
  }

  private NamedTensor tensor(String name, ByteBuffer floats) {
    return NamedTensor.floats(name, new long[] {gradientLength}, floats.duplicate().clear());
  }

  /** A checkpoint of a run that did not compress has nothing to go on from. */
  @Override
  public void restore(Map<String, NamedTensor> state) {
    if (state.containsKey(OF_SUMS)) {
      List<ByteBuffer> rests =
          Stream.iterate(0, rank -> state.containsKey(ofRank(rank)), rank -> rank + 1)
              .map(rank -> data(state.get(ofRank(rank))))
              .toList();
      gradients.resume(new LeftOut(rests, data(state.get(OF_SUMS))));
    }
  }

  private ByteBuffer data(NamedTensor tensor) {
    if (tensor.type() != DType.F32 || tensor.elements() != gradientLength) {
      throw new InputException(
          "the checkpoint's %s does not fit: this run has %d gradients"
              .formatted(tensor, gradientLength),
          "go on with the recipe that began this run, or start from the checkpoint's weights"
              + " instead of resuming");
    }
    return tensor.data();
  }

  @Override
  public void close() {}
}
