package io.elapid.observe.track;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.elapid.observe.Thumbnail;
import io.elapid.observe.track.EventFiles.Event;
import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.util.Progressable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Event files, read by TensorFlow's field numbers. */
final class TensorBoardTrackerTest {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Ending ENDING = new Ending();

  @TempDir Path folder;

  @Test
  void theReaderOfTheseTestsKnowsThePublishedChecksum() {
    assertThat(EventFiles.crc("123456789".getBytes(StandardCharsets.US_ASCII)))
        .isEqualTo(0xe3069283);
  }

  @Test
  void scalarsAreReadableAsSoonAsTheyAreWritten() throws IOException {
    Tracker tracker = tracker();
    tracker.accept(
        List.of(
            json(
                """
                {"event":"step","time":"2026-01-02T03:04:05.500Z","step":50,"epoch":3,"loss":1.5,
                 "top1":"NaN","lr":0.002,"samples_per_second":321.0,"sync_seconds":2.25}"""),
            json(
                """
                {"event":"evaluation","step":60,"epoch":4,"samples":100,"loss":1.25,"map":0.5}"""),
            json("{\"event\":\"checkpoint\",\"step\":60,\"seconds\":2}")),
        ENDING);

    List<Event> events = EventFiles.read(folder);
    tracker.end(ENDING);

    assertThat(events).hasSize(3);
    assertThat(events.get(0).fileVersion()).isEqualTo("brain.Event:2");
    assertThat(events.get(1).step()).isEqualTo(50);
    assertThat(events.get(1).wallTime()).isEqualTo(1767323045.5);
    assertThat(scalars(events.get(1)))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "train/loss",
                1.5f,
                "train/top1",
                Float.NaN,
                "train/lr",
                0.002f,
                "train/samples_per_second",
                321f,
                "seconds/sync",
                2.25f));
    assertThat(scalars(events.get(2)))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of("validation/loss", 1.25f, "validation/map", 0.5f));
  }

  @Test
  void aRestartTellsWhichStepsAreDoneAgain() throws IOException {
    Tracker tracker = tracker();
    tracker.accept(List.of(json("{\"event\":\"start\",\"step\":40,\"ranks\":2}")), ENDING);
    tracker.end(ENDING);

    Event restart = EventFiles.read(folder).get(1);
    assertThat(restart.step()).isEqualTo(41);
    assertThat(restart.sessionStatus()).isEqualTo(1);
  }

  /** Or TensorBoard would not see what a run does after its clock has been set back. */
  @Test
  void aLaterFileHasALaterNameWhateverTheClockSays() throws IOException {
    Path before = folder.resolve("events.out.tfevents.4102444800.vm.01234567");
    Files.createFile(before);
    Tracker tracker = tracker();
    tracker.accept(List.of(json("{\"event\":\"start\",\"step\":40,\"ranks\":2}")), ENDING);
    tracker.end(ENDING);

    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.sorted().toList()).hasSize(2).startsWith(before);
    }
  }

  @Test
  void histogramsOfGradientsCarryBucketsAndMoments() throws IOException {
    Tracker tracker = tracker();
    tracker.accept(
        List.of(
            json(
                """
                {"event":"gradients","step":7,"layers":[
                  {"layer":"stem.0","count":6,"min":-0.5,"max":2.0,"sum":1.25,"squares":4.5,
                   "limits":[-0.5,0.0,4.0],"buckets":[1,2,3]},
                  {"layer":"head","count":1,"min":0,"max":0,"sum":0,"squares":0,
                   "limits":[0.0],"buckets":[1]}]}""")),
        ENDING);
    tracker.end(ENDING);

    Event event = EventFiles.read(folder).get(1);
    assertThat(event.step()).isEqualTo(7);
    assertThat(event.values())
        .extracting(EventFiles.Value::tag)
        .containsExactly("gradients/stem.0", "gradients/head");
    EventFiles.Fields histogram = event.values().get(0).histogram();
    assertThat(histogram.float64s(6)).containsExactly(-0.5, 0.0, 4.0);
    assertThat(histogram.float64s(7)).containsExactly(1.0, 2.0, 3.0);
    assertThat(histogram.float64(3)).isEqualTo(6);
    assertThat(histogram.float64(1)).isEqualTo(-0.5);
    assertThat(histogram.float64(2)).isEqualTo(2);
    assertThat(histogram.float64(4)).isEqualTo(1.25);
    assertThat(histogram.float64(5)).isEqualTo(4.5);
  }

  @Test
  void picturesKeepTheirBytes() throws IOException {
    byte[] png = Thumbnail.of(4, 2, new byte[24], 4).bytes();
    JsonNode picture =
        JsonNodeFactory.instance
            .objectNode()
            .put("event", "picture")
            .put("tag", "train/augmented/0")
            .put("width", 4)
            .put("height", 2)
            .put("bytes", png);
    Tracker tracker = tracker();
    tracker.accept(List.of(picture), ENDING);
    tracker.end(ENDING);

    EventFiles.Value value = EventFiles.read(folder).get(1).values().get(0);
    assertThat(value.tag()).isEqualTo("train/augmented/0");
    assertThat(value.image().integer(2)).isEqualTo(4);
    assertThat(value.image().integer(1)).isEqualTo(2);
    assertThat(value.image().integer(3)).isEqualTo(3);
    assertThat(value.image().bytes(4)).isEqualTo(png);
  }

  @Test
  void afterAFailureTheNextFileIsBegun() throws IOException {
    Path place = folder.resolve("run");
    Files.writeString(place, "a file in the way");
    Tracker tracker =
        new TensorBoardTracker(
            new Configuration(), new org.apache.hadoop.fs.Path(place.toString()));
    List<JsonNode> events = List.of(json("{\"event\":\"step\",\"step\":1,\"loss\":1.0}"));
    assertThatThrownBy(() -> tracker.accept(events, ENDING)).isInstanceOf(IOException.class);
    Files.delete(place);
    tracker.accept(events, ENDING);
    tracker.end(ENDING);

    assertThat(EventFiles.read(place)).hasSize(2);
  }

  /** Hadoop's failure of a full local disk is no {@link IOException}. */
  @Test
  void afterAFullDiskTheNextFileIsBegunAndNoneIsEmpty() throws IOException {
    Configuration conf = new Configuration();
    conf.set("fs.filling.impl", Filling.class.getName());
    Tracker tracker =
        new TensorBoardTracker(conf, new org.apache.hadoop.fs.Path("filling://" + folder));
    tracker.accept(List.of(json("{\"event\":\"step\",\"step\":1,\"loss\":1.0}")), ENDING);
    Path full = Files.createFile(folder.resolve(Filling.FULL));
    for (int step = 2; step <= 4; step++) {
      JsonNode event = json("{\"event\":\"step\",\"step\":%d,\"loss\":1.0}".formatted(step));
      assertThatThrownBy(() -> tracker.accept(List.of(event), ENDING)).isInstanceOf(FSError.class);
    }
    Files.delete(full);
    tracker.accept(List.of(json("{\"event\":\"step\",\"step\":5,\"loss\":1.0}")), ENDING);
    tracker.end(ENDING);

    List<Path> written;
    try (Stream<Path> files = Files.list(folder)) {
      written = files.sorted().toList();
    }
    assertThat(written).hasSize(2);
    Files.delete(written.get(0));
    assertThat(EventFiles.read(folder)).extracting(Event::step).containsExactly(0L, 5L);
  }

  /** A local disk that is full while there is a file of that name beside those that are written. */
  public static final class Filling extends RawLocalFileSystem {
    static final String FULL = "full";

    @Override
    public URI getUri() {
      return URI.create("filling:///");
    }

    @Override
    public FSDataOutputStream create(
        org.apache.hadoop.fs.Path file,
        boolean overwrite,
        int bufferSize,
        short replication,
        long blockSize,
        Progressable progress)
        throws IOException {
      Path path = pathToFile(file).toPath();
      OutputStream device =
          append(new org.apache.hadoop.fs.Path("/dev/full"), bufferSize, progress);
      OutputStream disk =
          new FilterOutputStream(Files.newOutputStream(path)) {
            @Override
            public void write(byte[] bytes, int offset, int count) throws IOException {
              if (Files.exists(path.resolveSibling(FULL))) {
                // what there was room for
                out.write(bytes, offset, 3);
                device.write(bytes, offset, count);
                device.flush();
              }
              out.write(bytes, offset, count);
            }
          };
      return new FSDataOutputStream(new BufferedOutputStream(disk), null);
    }
  }

  private Tracker tracker() {
    return new TensorBoardTracker(
        new Configuration(), new org.apache.hadoop.fs.Path(folder.toString()));
  }

  private static JsonNode json(String text) throws IOException {
    return JSON.readTree(text);
  }

  private static Map<String, Float> scalars(Event event) {
    Map<String, Float> values = new TreeMap<>();
    event.values().forEach(v -> values.put(v.tag(), v.simpleValue()));
    return values;
  }
}
