package io.elapid.checkpoint;

import io.elapid.checkpoint.ModelWeights.Variant;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/** The files that {@code torch/make_files.py} made, and what can be done to them. */
final class TorchFiles {
  private TorchFiles() {}

  static byte[] bytes(String name) throws IOException {
    try (InputStream in = TorchFiles.class.getResourceAsStream("/torch/" + name)) {
      return in.readAllBytes();
    }
  }

  static TorchCheckpoint read(String name, Variant variant) throws IOException {
    return read(name, bytes(name), variant);
  }

  static TorchCheckpoint read(String name, byte[] file, Variant variant) throws IOException {
    return TorchCheckpoint.read(name, RandomBytes.of(file), variant);
  }

  /** The entries of a deflated zip file. */
  static Map<String, byte[]> unzip(byte[] file) throws IOException {
    Map<String, byte[]> entries = new TreeMap<>();
    try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(file))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        entries.put(entry.getName(), zip.readAllBytes());
      }
    }
    return entries;
  }

  /** A zip file of stored entries with right sizes and checksums. */
  static byte[] zip(Map<String, byte[]> entries) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.setMethod(ZipOutputStream.STORED);
      for (Map.Entry<String, byte[]> content : entries.entrySet()) {
        CRC32 crc = new CRC32();
        crc.update(content.getValue());
        ZipEntry entry = new ZipEntry(content.getKey());
        entry.setSize(content.getValue().length);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(content.getValue());
      }
    }
    return bytes.toByteArray();
  }
}
