package io.elapid.data.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.elapid.data.Prepared;
import io.elapid.data.Samples;
import io.elapid.data.source.ImageNetSource;
import io.elapid.data.source.ListingUnit;
import io.elapid.data.source.SampleRef;
import io.elapid.data.source.TargetRef;
import io.elapid.data.target.TargetKind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.Util;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShardTest {
  private static final Configuration CONF = new Configuration();
  private static final ShardSettings SETTINGS =
      new ShardSettings(20_000, 8, ShardSettings.Check.STRUCTURE);

  @TempDir Path temp;

  @Test
  void keepsEncodedBytesUntouchedAndSetsUnreadableFilesAside() throws Exception {
    List<SampleRef> refs = refs(Samples.RAW, "train");
    Path file = temp.resolve("train/part-00000-of-00001.parquet");
    ShardSummary summary = write(file, refs, SETTINGS);

    assertThat(summary.file()).isEqualTo("train/part-00000-of-00001.parquet");
    assertThat(summary.rows()).isEqualTo(94);
    assertThat(summary.quarantined())
        .extracting(SampleIssue::id)
        .containsExactlyInAnyOrder(
            "train/n90000460/n90000460_3365.JPEG", "train/n90000233/n90000233_4075.JPEG");
    assertThat(summary.quarantined())
        .allSatisfy(q -> assertThat(q.source()).contains("ILSVRC2012_img_train.tar#"))
        .extracting(SampleIssue::reason)
        .anyMatch(reason -> reason.contains("truncated JPEG"))
        .anyMatch(reason -> reason.contains("text"));

    int rows = 0;
    try (ShardReader reader = ShardReader.open(CONF, Samples.hadoop(file))) {
      assertThat(reader.rowGroupRows()).isEqualTo(summary.rowGroupRows());
      for (int group = reader.rowGroupRows().size() - 1; group >= 0; group--) {
        for (Sample sample : reader.read(group)) {
          assertThat(sample.image())
              .isEqualTo(Files.readAllBytes(Samples.FOLDERS.resolve(sample.id())));
          rows++;
        }
      }
    }
    assertThat(rows).isEqualTo(94);
  }

  @Test
  void rowGroupsEndAtTheLimits() throws Exception {
    List<Integer> byRows =
        write(temp.resolve("train/a"), refs(Samples.FOLDERS, "train"), SETTINGS).rowGroupRows();
    assertThat(byRows).allMatch(rows -> rows <= 8).contains(8);
    ShardSettings small = new ShardSettings(5_000, 100, ShardSettings.Check.STRUCTURE);
    List<Integer> byBytes =
        write(temp.resolve("train/b"), refs(Samples.FOLDERS, "train"), small).rowGroupRows();
    assertThat(byBytes).allMatch(rows -> rows <= 5).hasSizeGreaterThan(20);
  }

  @Test
  void isDescribedByItsSummary() throws Exception {
    Path file = temp.resolve("val/x.parquet");
    ShardSummary summary = write(file, refs(Samples.FOLDERS, "val"), SETTINGS);
    byte[] bytes = Files.readAllBytes(file);
    assertThat(summary.bytes()).isEqualTo(bytes.length);
    assertThat(summary.sha256())
        .isEqualTo(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)));
    assertThat(summary.rowGroupRows().stream().mapToInt(r -> r).sum()).isEqualTo(24);
  }

  @Test
  void sameSamplesSameBytesAndARetryReplacesThem() throws Exception {
    Path file = temp.resolve("val/x.parquet");
    ShardSummary first = write(file, refs(Samples.FOLDERS, "val"), SETTINGS);
    Files.writeString(temp.resolve("val/.x.parquet.crc"), "checksums of Hadoop's, of another file");
    ShardSummary again = write(file, refs(Samples.FOLDERS, "val"), SETTINGS);
    assertThat(again).isEqualTo(first);
    assertThat(Samples.names(temp.resolve("val"))).containsExactly("x.parquet");
  }

  /** The order of a hash set of enum constants is another one in every process. */
  @Test
  void theFooterListsEncodingsInOrder() throws Exception {
    Path file = temp.resolve("val/x.parquet");
    write(file, refs(Samples.FOLDERS, "val"), SETTINGS);
    byte[] bytes = Files.readAllBytes(file);
    ByteBuffer end = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int length = end.getInt(bytes.length - 8);
    FileMetaData metadata =
        Util.readFileMetaData(new ByteArrayInputStream(bytes, bytes.length - 8 - length, length));
    assertThat(metadata.getRow_groups()).hasSize(3);
    for (RowGroup group : metadata.getRow_groups()) {
      for (ColumnChunk column : group.getColumns()) {
        assertThat(column.getMeta_data().getEncodings())
            .extracting(Encoding::getValue)
            .isSorted()
            .doesNotHaveDuplicates();
      }
    }
  }

  @Test
  void checkingPixelsFindsDamageThatTheStructureHides() throws Exception {
    byte[] jpeg =
        Files.readAllBytes(Samples.FOLDERS.resolve("train/n90000047/n90000047_12141.JPEG"));
    byte[] cut = Arrays.copyOf(jpeg, jpeg.length * 2 / 3);
    cut[cut.length - 2] = (byte) 0xFF;
    cut[cut.length - 1] = (byte) 0xD9;
    Path picture = temp.resolve("cut.jpg");
    Files.write(picture, cut);
    List<SampleRef> refs = List.of(ref("a", picture.toUri().toString(), cut.length));
    assertThat(write(temp.resolve("s/1"), refs, SETTINGS).rows()).isEqualTo(1);
    ShardSettings pixels = new ShardSettings(1000, 8, ShardSettings.Check.PIXELS);
    assertThat(write(temp.resolve("s/2"), refs, pixels).quarantined()).hasSize(1);
  }

  @Test
  void setsFilesAsideThatAreGoneOrShorterThanListed() throws Exception {
    Path picture = temp.resolve("p.jpg");
    Files.write(picture, new byte[10]);
    List<SampleRef> refs =
        List.of(
            ref("gone", temp.resolve("none.jpg").toUri().toString(), 10),
            ref("short", picture.toUri().toString(), 11),
            ref("huge", picture.toUri().toString(), 1L << 40));
    ShardSummary summary = write(temp.resolve("train/e"), refs, SETTINGS);
    assertThat(summary.rows()).isZero();
    assertThat(summary.quarantined())
        .extracting(SampleIssue::id)
        .containsExactly("gone", "short", "huge");
    try (ShardReader reader = ShardReader.open(CONF, Samples.hadoop(temp.resolve("train/e")))) {
      assertThat(reader.rowGroupRows()).isEmpty();
    }
  }

  @Test
  void aKilledWriteLeavesNothingThatAReaderSees() throws Exception {
    Iterator<SampleRef> refs = refs(Samples.FOLDERS, "train").iterator();
    Iterator<SampleRef> dying =
        new Iterator<>() {
          private int left = 30;

          @Override
          public boolean hasNext() {
            return refs.hasNext();
          }

          @Override
          public SampleRef next() {
            if (left-- == 0) {
              throw new IllegalStateException("killed");
            }
            // While it is being written it is only there under a name that readers skip.
            assertThat(temp.resolve("train/part-0")).doesNotExist();
            return refs.next();
          }
        };
    Path file = temp.resolve("train/part-0");
    assertThatThrownBy(
            () ->
                ShardWriter.write(
                    CONF, Samples.hadoop(file), TargetKind.CLASSIFICATION, dying, SETTINGS))
        .hasMessage("killed");
    assertThat(Samples.names(temp.resolve("train"))).isEmpty();
  }

  @Test
  void aFlippedBitIsAnErrorAndNeverAWrongPicture() throws Exception {
    Path file = temp.resolve("val/x.parquet");
    write(file, refs(Samples.FOLDERS, "val"), SETTINGS);
    byte[] bytes = Files.readAllBytes(file);
    for (int at : new int[] {bytes.length / 3, bytes.length / 2, bytes.length - 20}) {
      byte[] flipped = bytes.clone();
      flipped[at] ^= 4;
      Files.write(file, flipped);
      assertThatThrownBy(() -> readAll(file)).isInstanceOf(IOException.class);
    }
    Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
    assertThatThrownBy(() -> readAll(file)).isInstanceOf(IOException.class);
  }

  private static void readAll(Path file) throws IOException {
    try (ShardReader reader = ShardReader.open(CONF, Samples.hadoop(file))) {
      for (int group = 0; group < reader.rowGroupRows().size(); group++) {
        reader.read(group);
      }
    }
  }

  @Test
  void anyParquetReaderCanReadIt() throws Exception {
    Path file = temp.resolve("val/x.parquet");
    write(file, refs(Samples.FOLDERS, "val"), SETTINGS);
    List<String> ids = new ArrayList<>();
    try (ParquetReader<Group> reader =
        ParquetReader.builder(new GroupReadSupport(), Samples.hadoop(file)).build()) {
      for (Group row = reader.read(); row != null; row = reader.read()) {
        ids.add(row.getString("id", 0));
        assertThat(row.getString("format", 0)).isEqualTo("JPEG");
        assertThat(row.getBinary("image", 0).getBytes())
            .isEqualTo(Files.readAllBytes(Samples.FOLDERS.resolve(row.getString("id", 0))));
      }
    }
    assertThat(ids).hasSize(24);
    try (ParquetFileReader reader =
        ParquetFileReader.open(HadoopInputFile.fromPath(Samples.hadoop(file), CONF))) {
      for (BlockMetaData block : reader.getRowGroups()) {
        assertThat(block.getColumns())
            .extracting(ColumnChunkMetaData::getCodec)
            .containsOnly(CompressionCodecName.UNCOMPRESSED);
      }
    }
  }

  @Test
  void quarantineIsATableToBeQueried() throws Exception {
    Path file = temp.resolve("quarantine/part-00000.parquet");
    IssueTable.write(
        CONF, Samples.hadoop(file), List.of(new SampleIssue("a", "train", "file:/a", "truncated")));
    try (ParquetReader<Group> reader =
        ParquetReader.builder(new GroupReadSupport(), Samples.hadoop(file)).build()) {
      Group row = reader.read();
      assertThat(row.getString("reason", 0)).isEqualTo("truncated");
      assertThat(reader.read()).isNull();
    }
    IssueTable.write(CONF, Samples.hadoop(file), List.of());
    assertThat(file).exists();
  }

  @Test
  void hashesSpreadSamplesEvenlyOverShards() {
    int[] counts = new int[8];
    for (int i = 0; i < 80_000; i++) {
      counts[SampleHash.shard(SampleHash.of("train/n01440764/n01440764_" + i, 3), 8)]++;
    }
    assertThat(Arrays.stream(counts)).allMatch(count -> count > 9_600 && count < 10_400);
    assertThat(SampleHash.of("a", 1)).isNotEqualTo(SampleHash.of("a", 2));
    assertThat(SampleHash.shard(0, 7)).isZero();
    assertThat(SampleHash.shard(-1, 7)).isEqualTo(6);
    assertThat(SampleHash.shard(Long.MIN_VALUE, 8)).isEqualTo(4);
  }

  private static SampleRef ref(String id, String path, long length) {
    return new SampleRef("train", id, path, 0, length, new TargetRef.OfClass(0));
  }

  private static ShardSummary write(Path file, List<SampleRef> refs, ShardSettings settings)
      throws IOException {
    return ShardWriter.write(
        CONF, Samples.hadoop(file), TargetKind.CLASSIFICATION, refs.iterator(), settings);
  }

  private static List<SampleRef> refs(Path layout, String split) throws IOException {
    ImageNetSource source = ImageNetSource.open(CONF, Samples.hadoop(layout));
    List<SampleRef> refs = new ArrayList<>();
    for (ListingUnit unit : source.units()) {
      if (unit.split().equals(split)) {
        refs.addAll(Prepared.pictures(source, unit));
      }
    }
    return refs;
  }
}
