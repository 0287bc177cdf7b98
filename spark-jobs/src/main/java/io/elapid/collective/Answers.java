package io.elapid.collective;

import io.elapid.kernel.AcceleratorUnavailableException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How ranks find out whether all of them can do something: each does its part and tells the others
 * what has come of it, or why it cannot. After the first obstacle nobody does anything any more,
 * but everybody goes on telling.
 */
final class Answers {
  static final Charset TEXT = StandardCharsets.UTF_8;

  private static final byte CAN = 1;
  private static final byte CANNOT = 0;

  private final FixedTreeAllReduce sockets;
  private List<byte[]> contents = List.of();
  private String mine = "";
  private String obstacle = "";

  Answers(FixedTreeAllReduce sockets) {
    this.sockets = sockets;
  }

  /** What a rank does. */
  interface Part<T> {
    T run() throws AcceleratorUnavailableException;
  }

  /** Why some rank cannot, with its number; empty if all can. */
  String obstacle() {
    return obstacle;
  }

  /** What a rank has told last, if it can. */
  byte[] ofRank(int rank) {
    return contents.isEmpty() ? new byte[0] : contents.get(rank);
  }

  /** Does something that the others learn of with the next answer; null if it fails. */
  <T> T obtain(Part<T> part) {
    try {
      return part.run();
    } catch (CollectiveException e) {
      throw e;
    } catch (AcceleratorUnavailableException | RuntimeException e) {
      mine = e.getMessage() == null ? e.toString() : e.getMessage().replace('\n', ' ');
      return null;
    }
  }

  /** Does a part, unless there is an obstacle, and tells the others. */
  void gather(Part<byte[]> part) {
    if (!obstacle.isEmpty()) {
      return;
    }
    byte[] content = mine.isEmpty() ? obtain(part) : null;
    boolean can = content != null;
    byte[] told = can ? content : mine.getBytes(TEXT);
    byte[] message = new byte[1 + told.length];
    message[0] = can ? CAN : CANNOT;
    System.arraycopy(told, 0, message, 1, told.length);
    List<byte[]> all = new ArrayList<>();
    for (byte[] theirs : sockets.allGather(message)) {
      byte[] rest = Arrays.copyOfRange(theirs, Math.min(1, theirs.length), theirs.length);
      if (obstacle.isEmpty() && (theirs.length == 0 || theirs[0] != CAN)) {
        obstacle = "rank %d: %s".formatted(all.size(), new String(rest, TEXT));
      }
      all.add(rest);
    }
    contents = all;
  }

  /** Compares the answers "library, newline, device". */
  void requireOneLibraryAndManyDevices() {
    List<String> seen = new ArrayList<>();
    for (int rank = 0; obstacle.isEmpty() && rank < contents.size(); rank++) {
      String library = line(rank, 0);
      String device = line(rank, 1);
      if (!library.equals(line(0, 0))) {
        obstacle = "rank 0 has %s, rank %d has %s".formatted(line(0, 0), rank, library);
      } else if (seen.contains(device)) {
        obstacle =
            "ranks %d and %d have the same device, %s"
                .formatted(seen.indexOf(device), rank, device);
      }
      seen.add(device);
    }
  }

  private String line(int rank, int number) {
    String[] lines = new String(contents.get(rank), TEXT).split("\n", -1);
    return number < lines.length ? lines[number] : "";
  }
}
