package io.elapid.checkpoint;

import io.elapid.checkpoint.pickle.PickleException;
import io.elapid.checkpoint.pickle.PyTuple;
import io.elapid.checkpoint.pickle.Unpickler;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The container of PyTorch before 1.6: five pickles in a row (magic number, protocol, machine,
 * object, keys of the storages), then per storage its number of elements and its bytes.
 */
final class TorchLegacy {
  private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
  private static final Long PROTOCOL = 1001L;

  private final RandomBytes file;
  private final Map<String, TorchStorage> whole = new HashMap<>();
  private final Map<String, Long> places = new HashMap<>();

  private TorchLegacy(RandomBytes file) {
    this.file = file;
  }

  static TorchFile read(RandomBytes file) throws IOException {
    TorchLegacy legacy = new TorchLegacy(file);
    return new TorchFile(legacy.root(), new TorchStorages(legacy::bytes, file.length()));
  }

  private Object root() throws IOException {
    RandomBytesStream in = new RandomBytesStream(file, 0, file.length());
    TorchGlobals globals = new TorchGlobals(this::storage);
    if (!MAGIC.equals(Unpickler.read(in, globals))) {
      throw new PickleException("is a pickle, but not one of torch.save");
    }
    if (!PROTOCOL.equals(Unpickler.read(in, globals))) {
      throw new PickleException("is a torch.save file of an unknown version");
    }
    if (Unpickler.read(in, globals) instanceof Map<?, ?> machine
        && Boolean.FALSE.equals(machine.get("little_endian"))) {
      throw new PickleException("was written by a big-endian machine");
    }
    Object root = Unpickler.read(in, globals);
    place(Unpickler.read(in, globals), in.position());
    return root;
  }

  /** The last part of an id is None, or (key, first element, elements) of a part of the storage. */
  private TorchStorage storage(DType type, PyTuple id) {
    String key = id.get(2, String.class);
    TorchStorage all = new TorchStorage(key, type, id.get(4, Long.class), 0);
    TorchStorage before = whole.putIfAbsent(key, all);
    if (before != null && !before.equals(all)) {
      throw new PickleException("has a storage of two sizes");
    }
    if (id.size() < 6 || id.items().get(5) == null) {
      return all;
    }
    PyTuple part = id.get(5, PyTuple.class);
    TorchStorage view =
        new TorchStorage(key, type, part.get(2, Long.class), part.get(1, Long.class));
    if (view.skipped() + view.elements() > all.elements()) {
      throw new PickleException("has a part of a storage outside it");
    }
    return view;
  }

  private void place(Object keys, long begin) throws IOException {
    if (!(keys instanceof List<?> list)) {
      throw new PickleException("has no list of storages");
    }
    long position = begin;
    for (Object key : list) {
      TorchStorage storage = key instanceof String ? whole.get(key) : null;
      if (storage == null) {
        throw new PickleException("lists a storage that no tensor uses");
      }
      if (position + Long.BYTES > file.length()) {
        throw new PickleException("ends before its storages");
      }
      if (ZipDirectory.bytes(file, position, Long.BYTES).getLong() != storage.elements()) {
        throw new PickleException("has a storage of two sizes");
      }
      places.put(storage.key(), position + Long.BYTES);
      position += Long.BYTES + storage.bytes();
    }
    if (position > file.length()) {
      throw new PickleException("ends inside its storages");
    }
  }

  private ByteBuffer bytes(TorchStorage storage) throws IOException {
    Long place = places.get(storage.key());
    if (place == null) {
      throw new PickleException("has no storage " + storage.key());
    }
    byte[] bytes = new byte[(int) storage.bytes()];
    file.read(place + storage.skipped() * storage.type().bytes(), bytes, 0, bytes.length);
    return ByteBuffer.allocateDirect(bytes.length).order(ByteOrder.nativeOrder()).put(bytes).flip();
  }
}
