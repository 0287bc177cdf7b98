package io.elapid.checkpoint.pickle;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads one pickle of protocol 2 to 5 into plain values: null for None, Boolean, Long or
 * BigInteger, Double, String, {@code byte[]}, {@link List} for lists and sets, {@link Map} for
 * dictionaries, {@link PyTuple}, and whatever the {@link Policy} makes of names and calls.
 *
 * <p>Opcodes as in Python's {@code pickletools}; those of protocols 0 and 1 that later ones no
 * longer write are refused, and so are extension codes and out-of-band buffers. Every value costs
 * at least a byte of the pickle and nothing recurses, so the limit on its length limits memory too.
 */
public final class Unpickler {
  /** Longest pickle that is read; those of real checkpoints have a hundredth of it. */
  public static final long MAX_BYTES = 64L << 20;

  private static final int MAX_DEPTH = 100_000;
  private static final Object MARK = new Object();

  private final PickleInput in;
  private final Policy policy;
  private final List<Object> stack = new ArrayList<>();
  private final Map<Long, Object> memo = new HashMap<>();

  private Unpickler(PickleInput in, Policy policy) {
    this.in = in;
    this.policy = policy;
  }

  /**
   * Reads from {@code in} up to the end of the pickle and not further.
   *
   * @throws PickleException if the bytes are not a pickle or the policy refuses something in it
   */
  public static Object read(InputStream in, Policy policy) throws IOException {
    Unpickler unpickler = new Unpickler(new PickleInput(in, MAX_BYTES), policy);
    int opcode = unpickler.in.unsignedByte();
    while (opcode != '.') {
      unpickler.step(opcode);
      if (unpickler.stack.size() > MAX_DEPTH) {
        throw new PickleException("is nested too deeply");
      }
      opcode = unpickler.in.unsignedByte();
    }
    return unpickler.pop();
  }

  private void step(int opcode) throws IOException {
    if (!number(opcode) && !text(opcode) && !container(opcode) && !object(opcode)) {
      throw new PickleException("has the pickle opcode 0x%02x, which is unknown".formatted(opcode));
    }
  }

  private boolean number(int opcode) throws IOException {
    switch (opcode) {
      case 0x80 -> requireProtocol(in.unsignedByte());
      case 0x95 -> in.number(Long.BYTES); // FRAME: a hint for readers that look ahead
      case 'N' -> push(null);
      case 0x88 -> push(true);
      case 0x89 -> push(false);
      case 'J' -> push((long) in.signedInt());
      case 'K' -> push(in.number(1));
      case 'M' -> push(in.number(2));
      case 0x8a -> push(in.longNumber(in.number(1)));
      case 0x8b -> push(in.longNumber(in.signedInt()));
      case 'G' -> push(in.bigEndianDouble());
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean text(int opcode) throws IOException {
    switch (opcode) {
      case 'X' -> push(in.text(in.number(4)));
      case 0x8c -> push(in.text(in.number(1)));
      case 0x8d -> push(in.text(in.number(Long.BYTES)));
      case 'T' -> push(in.text(in.signedInt()));
      case 'U' -> push(in.text(in.number(1)));
      case 'B' -> push(in.bytes(in.number(4)));
      case 'C' -> push(in.bytes(in.number(1)));
      case 0x8e, 0x96 -> push(in.bytes(in.number(Long.BYTES)));
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean container(int opcode) throws IOException {
    switch (opcode) {
      case '(' -> push(MARK);
      case '0' -> pop();
      case '1' -> popToMark();
      case '2' -> push(top());
      case ']', 0x8f -> push(new ArrayList<>());
      case 'l', 0x91 -> push(popToMark());
      case 'a' -> append(popMany(1));
      case 'e', 0x90 -> append(popToMark());
      case ')' -> push(new PyTuple(List.of()));
      case 0x85 -> push(new PyTuple(popMany(1)));
      case 0x86 -> push(new PyTuple(popMany(2)));
      case 0x87 -> push(new PyTuple(popMany(3)));
      case 't' -> push(new PyTuple(popToMark()));
      case '}' -> push(new LinkedHashMap<>());
      case 'd' -> dictionary(popToMark());
      case 's' -> setItems(popMany(2));
      case 'u' -> setItems(popToMark());
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean object(int opcode) throws IOException {
    switch (opcode) {
      case 'q' -> memo.put(in.number(1), top());
      case 'r' -> memo.put(in.number(4), top());
      case 0x94 -> memo.put((long) memo.size(), top());
      case 'h' -> push(recall(in.number(1)));
      case 'j' -> push(recall(in.number(4)));
      case 'c' -> {
        String module = in.line();
        push(policy.global(module, in.line()));
      }
      case 0x93 -> {
        PyTuple names = new PyTuple(popMany(2));
        push(policy.global(names.get(0, String.class), names.get(1, String.class)));
      }
      case 'R', 0x81 -> call(popMany(2));
      case 0x92 -> call(popMany(3)); // keyword arguments belong to what no checkpoint needs
      case 'b' -> pop(); // attributes of an object: no tensor is among them
      case 'Q' -> push(policy.persistent(pop()));
      default -> {
        return false;
      }
    }
    return true;
  }

  private static void requireProtocol(int protocol) {
    if (protocol < 2 || protocol > 5) {
      throw new PickleException("is a pickle of protocol %d".formatted(protocol));
    }
  }

  private void push(Object value) {
    stack.add(value);
  }

  private Object top() {
    if (stack.isEmpty() || stack.get(stack.size() - 1) == MARK) {
      throw new PickleException("takes more from its pickle's stack than it put there");
    }
    return stack.get(stack.size() - 1);
  }

  private Object pop() {
    Object value = top();
    stack.remove(stack.size() - 1);
    return value;
  }

  private List<Object> popMany(int count) {
    int from = stack.size() - count;
    if (from < 0 || stack.subList(from, stack.size()).contains(MARK)) {
      throw new PickleException("takes more from its pickle's stack than it put there");
    }
    return take(from);
  }

  private List<Object> popToMark() {
    for (int i = stack.size() - 1; i >= 0; i--) {
      if (stack.get(i) == MARK) {
        List<Object> values = take(i + 1);
        stack.remove(i);
        return values;
      }
    }
    throw new PickleException("misses a mark on its pickle's stack");
  }

  private List<Object> take(int from) {
    List<Object> tail = stack.subList(from, stack.size());
    List<Object> values = new ArrayList<>(tail);
    tail.clear();
    return values;
  }

  private Object recall(long index) {
    if (!memo.containsKey(index)) {
      throw new PickleException("refers to a value that its pickle does not have");
    }
    return memo.get(index);
  }

  @SuppressWarnings("unchecked")
  private void append(List<Object> values) {
    if (!(top() instanceof List<?> list)) {
      throw new PickleException("appends to something that is no list");
    }
    ((List<Object>) list).addAll(values);
  }

  private void dictionary(List<Object> pairs) {
    push(new LinkedHashMap<>());
    setItems(pairs);
  }

  @SuppressWarnings("unchecked")
  private void setItems(List<Object> pairs) {
    if (pairs.size() % 2 != 0 || !(top() instanceof Map<?, ?> map)) {
      throw new PickleException("sets items of something that is no dictionary");
    }
    for (int i = 0; i < pairs.size(); i += 2) {
      Object key = pairs.get(i);
      if (key instanceof Collection || key instanceof Map) {
        throw new PickleException("uses a list or dictionary as a key");
      }
      ((Map<Object, Object>) map).put(key, pairs.get(i + 1));
    }
  }

  private void call(List<Object> words) {
    if (!(words.get(1) instanceof PyTuple arguments)) {
      throw new PickleException("calls a function without arguments");
    }
    push(policy.call(words.get(0), arguments));
  }
}
