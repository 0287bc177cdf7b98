package io.elapid.checkpoint;

import io.elapid.checkpoint.pickle.PickleException;
import io.elapid.checkpoint.pickle.Unpickler;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;

/**
 * The container of PyTorch 1.6 and later: a zip file with {@code NAME/data.pkl} and the bytes of
 * every storage in {@code NAME/data/KEY}.
 */
final class TorchZip {
  private static final String PICKLE = "data.pkl";
  private static final int MAX_SMALL_BYTES = 64;

  private final RandomBytes file;
  private final Map<String, ZipDirectory.Entry> entries;
  private final String folder;

  private TorchZip(RandomBytes file) throws IOException {
    this.file = file;
    this.entries = ZipDirectory.read(file);
    this.folder =
        entries.keySet().stream()
            .filter(name -> name.indexOf('/') + 1 == name.length() - PICKLE.length())
            .filter(name -> name.endsWith("/" + PICKLE))
            .findFirst()
            .map(name -> name.substring(0, name.length() - PICKLE.length()))
            .orElseThrow(() -> new PickleException("is a zip file without NAME/data.pkl"));
  }

  static TorchFile read(RandomBytes file) throws IOException {
    TorchZip zip = new TorchZip(file);
    zip.requireLittleEndian();
    return new TorchFile(zip.root(), new TorchStorages(zip::storage, file.length()));
  }

  private Object root() throws IOException {
    ByteBuffer pickle = content(folder + PICKLE, Unpickler.MAX_BYTES);
    TorchGlobals globals =
        new TorchGlobals(
            (type, id) ->
                new TorchStorage(id.get(2, String.class), type, id.get(4, Long.class), 0));
    return Unpickler.read(new ByteBufferStream(pickle), globals);
  }

  private void requireLittleEndian() throws IOException {
    String name = folder + "byteorder";
    if (entries.containsKey(name) && content(name, MAX_SMALL_BYTES).get(0) != 'l') {
      throw new PickleException("was written by a big-endian machine");
    }
  }

  private ByteBuffer content(String name, long limit) throws IOException {
    ZipDirectory.Entry entry = entries.get(name);
    if (entry.size() < 1 || entry.size() > limit) {
      throw new PickleException(
          "has a zip entry %s of %d bytes".formatted(entry.name(), entry.size()));
    }
    return ZipEntryReader.read(file, entry);
  }

  private ByteBuffer storage(TorchStorage storage) throws IOException {
    ZipDirectory.Entry entry = entries.get(folder + "data/" + storage.key());
    if (entry == null || entry.size() != storage.bytes()) {
      throw new PickleException(
          "has no storage %s of %d bytes".formatted(storage.key(), storage.bytes()));
    }
    return ZipEntryReader.read(file, entry);
  }
}
