package io.elapid.collective;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The collective over sockets. With equal shares of the leaves a sum puts 2 (N-1)/N of the vector
 * on the wire per rank, the least that is possible, for 1 to 8 and 16 ranks and for as many ranks
 * as leaves; for other numbers somewhat more ({@link ReducePlan}).
 */
public final class FixedTreeAllReduce implements Collective {

  /** What all ranks must agree on before they sum. */
  private record Shape(int leaves, int first, int count, int length) {
    Shape ofAnyLength() {
      return new Shape(leaves, first, count, 0);
    }
  }

  private final Peers peers;
  private final Map<Shape, ReducePlan> agreed = new HashMap<>();
  private final Map<Shape, AllReduceOperation> operations = new HashMap<>();

  /** Takes over the peers; closing this closes them. */
  public FixedTreeAllReduce(Peers peers) {
    this.peers = peers;
  }

  @Override
  public int rank() {
    return peers.mesh().rank();
  }

  @Override
  public int size() {
    return peers.mesh().size();
  }

  @Override
  public void allReduce(TreeSum leaves, int from, int to, ByteBuffer result) {
    List<ByteBuffer> parts = leaves.parts(from, to).stream().map(TreeSum.Part::floats).toList();
    ByteBuffer sum = Buffers.result(result, leaves.length());
    Shape shape = new Shape(leaves.leaves(), leaves.first(), leaves.count(), to - from);
    ReducePlan plan = agreed.computeIfAbsent(shape, this::agree);
    AllReduceOperation operation =
        operations.computeIfAbsent(
            shape.ofAnyLength(), any -> new AllReduceOperation(rank(), plan, size()));
    int start = from * Float.BYTES;
    operation.begin(
        parts, sum.slice(start, (to - from) * Float.BYTES).order(ByteOrder.nativeOrder()));
    peers.mesh().run(operation);
    operation.end();
  }

  /** Once per shape: the ranks tell each other their leaves. */
  private ReducePlan agree(Shape mine) {
    ByteBuffer message = ByteBuffer.allocate(4 * Integer.BYTES);
    message.putInt(mine.leaves()).putInt(mine.first()).putInt(mine.count()).putInt(mine.length());
    List<ReducePlan.Share> shares = new ArrayList<>();
    for (byte[] bytes : allGather(message.array())) {
      ByteBuffer theirs = ByteBuffer.wrap(bytes);
      int leaves = theirs.getInt();
      shares.add(new ReducePlan.Share(theirs.getInt(), theirs.getInt()));
      int length = theirs.getInt();
      if (leaves != mine.leaves() || length != mine.length()) {
        throw disagreement(
            "rank "
                + (shares.size() - 1)
                + " sums "
                + leaves
                + " vectors of "
                + length
                + " floats, rank "
                + rank()
                + " sums "
                + mine.leaves()
                + " of "
                + mine.length());
      }
    }
    try {
      return new ReducePlan(mine.leaves(), shares);
    } catch (IllegalArgumentException e) {
      throw disagreement(e.getMessage());
    }
  }

  /** Returns once every rank is about to sum these elements of so many leaves in another way. */
  void meet(int leaves, int from, int to) {
    byte[] mine =
        ByteBuffer.allocate(3 * Integer.BYTES).putInt(leaves).putInt(from).putInt(to).array();
    List<byte[]> all = gathered(new GatherOperation("all-reduce", rank(), size(), mine));
    for (int peer = 0; peer < all.size(); peer++) {
      if (!Arrays.equals(all.get(peer), mine)) {
        throw disagreement("rank %d and rank %d sum other vectors".formatted(peer, rank()));
      }
    }
  }

  /** Whether no rank has left the group. */
  boolean isComplete() {
    return peers.mesh().isComplete();
  }

  /** Throws the failure of the group, which ends here too when a rank has left it. */
  void requireAll(String where) {
    peers.mesh().requireAll(where);
  }

  private CollectiveException disagreement(String message) {
    abort(message);
    return new CollectiveException(message);
  }

  @Override
  public void barrier() {
    peers.mesh().run(new GatherOperation("barrier", rank(), size(), new byte[0]));
  }

  @Override
  public List<byte[]> allGather(byte[] mine) {
    requireFrame(mine);
    return gathered(new GatherOperation("all-gather", rank(), size(), mine));
  }

  @Override
  public List<byte[]> exchange(List<byte[]> messages) {
    if (messages.size() != size()) {
      throw new IllegalArgumentException(messages.size() + " messages for " + size() + " ranks");
    }
    messages.forEach(FixedTreeAllReduce::requireFrame);
    return gathered(new GatherOperation("exchange", rank(), size(), messages));
  }

  private static void requireFrame(byte[] message) {
    if (message.length > Frame.MAX_PAYLOAD) {
      throw new IllegalArgumentException("message of " + message.length + " bytes");
    }
  }

  private List<byte[]> gathered(GatherOperation operation) {
    peers.mesh().run(operation);
    return operation.messages();
  }

  @Override
  public void broadcast(int root, ByteBuffer data) {
    peers.mesh().run(new BroadcastOperation(rank(), size(), root, data));
  }

  @Override
  public long bytesSent() {
    return peers.mesh().bytesSent();
  }

  @Override
  public long bytesReceived() {
    return peers.mesh().bytesReceived();
  }

  @Override
  public void phase(String name) {
    peers.mesh().phase(name);
  }

  @Override
  public void check() {
    peers.mesh().check();
  }

  @Override
  public void abort(String reason) {
    peers.mesh().abort(reason);
  }

  @Override
  public void close() {
    peers.close();
  }
}
