package io.elapid.collective;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The collective over sockets. A sum puts 2 (N-1)/N of the vector on the wire per rank if each
 * rank's leaves are one subtree, the least that is possible; a rank whose leaves are k subtrees
 * sends k times as much in the first half.
 */
public final class FixedTreeAllReduce implements Collective {

  /** What all ranks must agree on before they sum. */
  private record Shape(int leaves, int first, int count, int length) {}

  private final Peers peers;
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
  public void allReduce(TreeSum leaves, ByteBuffer result) {
    List<TreeSum.Part> parts = leaves.parts();
    ByteBuffer sum = Buffers.result(result, leaves.length());
    Shape shape = new Shape(leaves.leaves(), leaves.first(), leaves.count(), leaves.length());
    AllReduceOperation operation = operations.get(shape);
    if (operation == null) {
      operation = new AllReduceOperation(rank(), shape.length(), agree(shape), size());
      operations.put(shape, operation);
    }
    operation.begin(parts, sum);
    peers.mesh().run(operation);
    operation.end();
    leaves.reset();
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
    if (mine.length > Frame.MAX_PAYLOAD) {
      throw new IllegalArgumentException("message of " + mine.length + " bytes");
    }
    GatherOperation operation = new GatherOperation("all-gather", rank(), size(), mine);
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
