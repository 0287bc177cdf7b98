package io.elapid.observe.track;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Reads event files by the field numbers of TensorFlow's {@code event.proto} and {@code
 * summary.proto}, checksums bit by bit. TensorFlow's own messages cannot be used here: ND4J has
 * classes of the same names over a protobuf of its own.
 */
final class EventFiles {
  private static final int POLYNOMIAL = 0x82f63b78;

  private EventFiles() {}

  /** {@code tensorflow.Event}. */
  record Event(Fields fields) {
    double wallTime() {
      return fields.float64(1);
    }

    long step() {
      return fields.integer(2);
    }

    String fileVersion() {
      return fields.text(3);
    }

    /** {@code summary.value}. */
    List<Value> values() {
      return fields.message(5).messages(1).stream().map(Value::new).toList();
    }

    /** {@code session_log.status}; 1 is START. */
    long sessionStatus() {
      return fields.message(7).integer(1);
    }
  }

  /** {@code tensorflow.Summary.Value}. */
  record Value(Fields fields) {
    String tag() {
      return fields.text(1);
    }

    float simpleValue() {
      return Float.intBitsToFloat(fields.only(2).getFixed32List().get(0));
    }

    /** {@code height = 1, width = 2, colorspace = 3, encoded_image_string = 4}. */
    Fields image() {
      return fields.message(4);
    }

    /**
     * {@code min = 1, max = 2, num = 3, sum = 4, sum_squares = 5, bucket_limit = 6, bucket = 7}.
     */
    Fields histogram() {
      return fields.message(5);
    }
  }

  /** The fields of a message by their numbers. */
  record Fields(UnknownFieldSet set) {
    private UnknownFieldSet.Field only(int number) {
      assertThat(set.hasField(number)).as("field %d of %s", number, set).isTrue();
      return set.getField(number);
    }

    long integer(int number) {
      return only(number).getVarintList().get(0);
    }

    double float64(int number) {
      return Double.longBitsToDouble(only(number).getFixed64List().get(0));
    }

    byte[] bytes(int number) {
      return only(number).getLengthDelimitedList().get(0).toByteArray();
    }

    String text(int number) {
      return new String(bytes(number), StandardCharsets.UTF_8);
    }

    /** A packed field. */
    List<Double> float64s(int number) {
      ByteBuffer packed = ByteBuffer.wrap(bytes(number)).order(ByteOrder.LITTLE_ENDIAN);
      List<Double> values = new ArrayList<>();
      while (packed.hasRemaining()) {
        values.add(packed.getDouble());
      }
      return values;
    }

    Fields message(int number) {
      return messages(number).get(0);
    }

    List<Fields> messages(int number) {
      return only(number).getLengthDelimitedList().stream().map(Fields::parsed).toList();
    }

    private static Fields parsed(ByteString bytes) {
      try {
        return new Fields(UnknownFieldSet.parseFrom(bytes));
      } catch (InvalidProtocolBufferException e) {
        throw new AssertionError(e);
      }
    }
  }

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
    return new Event(new Fields(UnknownFieldSet.parseFrom(message)));
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
