package io.elapid.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.elapid.checkpoint.NamedTensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Writes float32 tensors as {@code torch.save({key: {prefix + name: tensor}})} does. */
final class TorchWriter {
  private final ByteArrayOutputStream pickle = new ByteArrayOutputStream();

  private TorchWriter() {}

  static void write(Path file, String key, String prefix, Collection<NamedTensor> tensors)
      throws IOException {
    TorchWriter writer = new TorchWriter();
    writer.raw("\u0080\2}").text(key).raw("}(");
    int index = 0;
    for (NamedTensor tensor : tensors) {
      writer.text(prefix + tensor.name()).tensor(tensor, Integer.toString(index++));
    }
    writer.raw("us.");
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      put(zip, "archive/data.pkl", writer.pickle.toByteArray());
      index = 0;
      for (NamedTensor tensor : tensors) {
        byte[] bytes = new byte[tensor.data().limit()];
        tensor.data().duplicate().get(bytes);
        put(zip, "archive/data/" + index++, bytes);
      }
    }
  }

  /** A file whose unpickling in Python runs a command. */
  static void writeHostile(Path file) throws IOException {
    String call = "\u0080\2}X\1\0\0\0acposix\nsystem\nX\4\0\0\0true\u0085Rs.";
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      put(zip, "archive/data.pkl", call.getBytes(ISO_8859_1));
    }
  }

  private static void put(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
    zip.putNextEntry(new ZipEntry(name));
    zip.write(bytes);
  }

  private void tensor(NamedTensor tensor, String key) {
    raw("ctorch._utils\n_rebuild_tensor_v2\n((").text("storage").raw("ctorch\nFloatStorage\n");
    text(key).text("cpu").number(tensor.elements()).raw("tQ").number(0);
    long[] strides = new long[tensor.shape().length];
    long stride = 1;
    for (int d = strides.length - 1; d >= 0; d--) {
      strides[d] = stride;
      stride *= tensor.shape()[d];
    }
    tuple(tensor.shape()).tuple(strides).raw("\u0089}tR");
  }

  private TorchWriter tuple(long... values) {
    raw("(");
    for (long value : values) {
      number(value);
    }
    return raw("t");
  }

  private TorchWriter number(long value) {
    return raw("J").little((int) value);
  }

  private TorchWriter text(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    raw("X").little(bytes.length);
    pickle.writeBytes(bytes);
    return this;
  }

  private TorchWriter little(int value) {
    pickle.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
    return this;
  }

  private TorchWriter raw(String opcodes) {
    pickle.writeBytes(opcodes.getBytes(ISO_8859_1));
    return this;
  }
}
