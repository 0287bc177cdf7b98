package io.elapid.observe.track;

import io.elapid.data.LocalFiles;
import java.io.Closeable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file of TensorBoard events, {@code events.out.tfevents.*}. Each event is a TFRecord: its
 * length, the length's checksum, the message, the message's checksum; checksums are CRC-32C, turned
 * and shifted by a constant. What is flushed is visible to readers.
 */
final class EventFile implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(EventFile.class);
  private static final String VERSION = "brain.Event:2";
  private static final int MASK = 0xa282ead8;
  private static final Pattern NAME = Pattern.compile("events\\.out\\.tfevents\\.(\\d{10})\\..*");

  private final FileSystem fs;
  private final Path path;
  private final FSDataOutputStream out;
  private boolean flushed;

  private EventFile(FileSystem fs, Path path) throws IOException {
    this.fs = fs;
    this.path = path;
    this.out = fs.create(path, false);
  }

  /** A new file in {@code folder}, which is made if need be. */
  static EventFile create(Configuration conf, Path folder) throws IOException {
    FileSystem fs = LocalFiles.plain(conf, folder);
    String name =
        String.format(
            Locale.ROOT,
            "events.out.tfevents.%010d.%s.%s",
            Math.max(Instant.now().getEpochSecond(), lastSecond(fs, folder) + 1),
            host(),
            UUID.randomUUID().toString().substring(0, 8));
    EventFile file = new EventFile(fs, new Path(folder, name));
    try {
      file.write(event(Instant.now(), 0).text(3, VERSION));
      return file;
    } catch (IOException | FSError e) {
      file.abandon();
      throw e;
    }
  }

  /** TensorBoard reads files by name, and none that comes before one that it has read. */
  private static long lastSecond(FileSystem fs, Path folder) throws IOException {
    try {
      return Arrays.stream(fs.listStatus(folder))
          .map(file -> NAME.matcher(file.getPath().getName()))
          .filter(Matcher::matches)
          .mapToLong(name -> Long.parseLong(name.group(1)))
          .max()
          .orElse(0);
    } catch (FileNotFoundException e) {
      return 0;
    }
  }

  /** An event's beginning: {@code Event.wall_time}, {@code Event.step}. */
  static ProtoWriter event(Instant time, long step) {
    return new ProtoWriter()
        .number(1, time.getEpochSecond() + time.getNano() / 1e9)
        .integer(2, step);
  }

  void write(ProtoWriter event) throws IOException {
    byte[] message = event.toByteArray();
    ByteBuffer record =
        ByteBuffer.allocate(Long.BYTES + Integer.BYTES + message.length + Integer.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    record.putLong(message.length);
    record.putInt(checksum(record.array(), 0, Long.BYTES));
    record.put(message);
    record.putInt(checksum(message, 0, message.length));
    out.write(record.array());
  }

  void flush() throws IOException {
    out.hflush();
    flushed = true;
  }

  /** Closes a file in which a write has failed; one in which all have is deleted. */
  void abandon() {
    try {
      out.close();
    } catch (IOException | FSError e) {
      LOG.debug("closing {} failed: {}", path, e.toString());
    }
    if (!flushed) {
      try {
        fs.delete(path, false);
      } catch (IOException | FSError e) {
        LOG.debug("{} stays: {}", path, e.toString());
      }
    }
  }

  private static int checksum(byte[] bytes, int offset, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, offset, length);
    return Integer.rotateRight((int) crc.getValue(), 15) + MASK;
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "unknown";
    }
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
