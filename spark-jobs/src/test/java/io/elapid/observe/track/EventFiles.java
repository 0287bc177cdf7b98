package io.elapid.observe.track;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.tensorflow.util.Event;

/** Reads event files as TensorFlow defines them: its own messages, checksums bit by bit. */
final class EventFiles {
  private static final int POLYNOMIAL = 0x82f63b78;

  private EventFiles() {}

  /** All events of a folder, file by file. */
  static List<Event> read(Path folder) throws IOException {
    List<Event> events = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.sorted().toList()) {
        assertThat(file.getFileName().toString()).startsWith("events.out.tfevents.");
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
          events.add(event(bytes));
        }
      }
    }
    return events;
  }

  private static Event event(ByteBuffer bytes) throws IOException {
    byte[] length = new byte[Long.BYTES];
    bytes.get(length);
    assertThat(bytes.getInt()).as("checksum of a length").isEqualTo(masked(length));
    byte[] message =
        new byte[(int) ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong()];
    bytes.get(message);
    assertThat(bytes.getInt()).as("checksum of a message").isEqualTo(masked(message));
    return Event.parseFrom(message);
  }

  static int masked(byte[] bytes) {
    int crc = crc(bytes);
    return ((crc >>> 15) | (crc << 17)) + 0xa282ead8;
  }

  static int crc(byte[] bytes) {
    int crc = ~0;
    for (byte b : bytes) {
      crc ^= b & 0xff;
      for (int bit = 0; bit < Byte.SIZE; bit++) {
        crc = (crc >>> 1) ^ ((crc & 1) == 0 ? 0 : POLYNOMIAL);
      }
    }
    return ~crc;
  }
}
