package io.elapid.worker;

import io.elapid.collective.Collective;
import io.elapid.engine.ShardMeeting;
import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The meetings of one step's shards: all ranks hand each other what theirs say. Ranks hold the
 * shards in rank order, so that everybody adds in the same order whatever the number of ranks. Each
 * message begins with the number of the meeting in its step, since ranks that are not in the same
 * one must not go on.
 */
final class NormMeeting implements ShardMeeting {
  private final Collective collective;
  private final int shards;
  private final PhaseClock clock;
  private int meetings;

  NormMeeting(Collective collective, int shards, PhaseClock clock) {
    this.collective = collective;
    this.shards = shards;
    this.clock = clock;
  }

  @Override
  public List<double[]> meet(List<double[]> shares) {
    int length = shares.get(0).length;
    clock.enter(Phase.SYNC);
    List<byte[]> messages = collective.allGather(message(shares, length));
    clock.enter(Phase.COMPUTE);
    List<double[]> all = new ArrayList<>();
    for (int rank = 0; rank < messages.size(); rank++) {
      read(rank, ByteBuffer.wrap(messages.get(rank)), length, all);
    }
    if (all.size() != shards) {
      throw new IllegalStateException("%d of %d shards have met".formatted(all.size(), shards));
    }
    meetings++;
    return all;
  }

  private byte[] message(List<double[]> shares, int length) {
    ByteBuffer message =
        ByteBuffer.allocate(2 * Integer.BYTES + shares.size() * length * Double.BYTES);
    message.putInt(meetings).putInt(length);
    DoubleBuffer numbers = message.slice().asDoubleBuffer();
    shares.forEach(numbers::put);
    return message.array();
  }

  private void read(int rank, ByteBuffer message, int length, List<double[]> all) {
    int meeting = message.getInt();
    int theirs = message.getInt();
    DoubleBuffer numbers = message.asDoubleBuffer();
    if (meeting != meetings || theirs != length || numbers.remaining() % length != 0) {
      throw new IllegalStateException(
          "in meeting %d of a step, shards of %d numbers, rank %d came to meeting %d with %d of %d"
              .formatted(meetings, length, rank, meeting, numbers.remaining(), theirs));
    }
    while (numbers.hasRemaining()) {
      double[] share = new double[length];
      numbers.get(share);
      all.add(share);
    }
  }
}
