package io.elapid.data.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.elapid.data.InputException;
import io.elapid.data.Samples;
import io.elapid.data.source.Ade20kSource;
import io.elapid.data.source.CocoSource;
import io.elapid.data.source.DataSource;
import io.elapid.data.source.Listed;
import io.elapid.data.source.SampleRef;
import io.elapid.data.target.LabelMapTarget;
import io.elapid.data.target.ObjectTarget;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Archives give the shards that unpacking them would give. */
class ZippedSourceTest {
  private static final Path COCO = Path.of("src/test/resources/coco");
  private static final Path ADE20K = Path.of("src/test/resources/ade20k");

  @TempDir Path temp;

  @Test
  void cocoAsItIsDownloaded() throws Exception {
    Path zips = cocoZips();
    DataSource folder = CocoSource.open(Listings.CONF, Samples.hadoop(COCO));
    DataSource zipped = CocoSource.open(Listings.CONF, Samples.hadoop(zips));
    assertThat(zipped.classes()).isEqualTo(folder.classes());
    for (String split : List.of("train", "val")) {
      assertThat(lengths(Listings.of(zipped, split)))
          .isEqualTo(lengths(Listings.of(folder, split)));
      assertSameShard(folder, zipped, split);
    }
  }

  @Test
  void ade20kAsItIsDownloaded() throws Exception {
    Path zips = Files.createDirectories(temp.resolve("zips"));
    zip(zips.resolve("ADEChallengeData2016.zip"), ADE20K, ZipEntry.DEFLATED, name -> true);
    DataSource folder = Ade20kSource.open(Listings.CONF, Samples.hadoop(ADE20K));
    DataSource zipped = Ade20kSource.open(Listings.CONF, Samples.hadoop(zips));
    assertThat(zipped.classes()).isEqualTo(folder.classes());
    for (String split : List.of("train", "val")) {
      assertSameShard(folder, zipped, split);
    }
  }

  @Test
  void aFileThatIsUnpackedGoesBeforeTheArchives() throws Exception {
    Path zips = cocoZips();
    Path annotations = COCO.resolve("annotations/instances_val2017.json");
    String text = Files.readString(annotations).replace("triangle", "three-sided");
    Files.createDirectories(zips.resolve("annotations"));
    for (String split : List.of("train", "val")) {
      String name = "annotations/instances_" + split + "2017.json";
      Files.writeString(
          zips.resolve(name),
          split.equals("val")
              ? text
              : Files.readString(COCO.resolve(name)).replace("triangle", "three-sided"));
    }
    DataSource zipped = CocoSource.open(Listings.CONF, Samples.hadoop(zips));
    assertThat(zipped.classes().get(2).name()).isEqualTo("three-sided");
  }

  @Test
  void aFlippedBitInAnArchiveIsSetAside() throws Exception {
    Path zips = cocoZips();
    Path archive = zips.resolve("train2017.zip");
    byte[] picture = Files.readAllBytes(firstPicture());
    byte[] bytes = Files.readAllBytes(archive);
    int at = indexOf(bytes, Arrays.copyOf(picture, 400));
    bytes[at + picture.length / 2] ^= 4;
    Files.write(archive, bytes);
    DataSource zipped = CocoSource.open(Listings.CONF, Samples.hadoop(zips));
    ShardSummary shard = Listings.shard(temp.resolve("train/damaged.parquet"), zipped, "train");
    assertThat(shard.quarantined()).anyMatch(issue -> issue.reason().contains("is damaged"));
  }

  @Test
  void aTruncatedArchiveIsNamed() throws Exception {
    Path zips = cocoZips();
    Path archive = zips.resolve("train2017.zip");
    byte[] bytes = Files.readAllBytes(archive);
    Files.write(archive, Arrays.copyOf(bytes, bytes.length / 2));
    assertThatThrownBy(() -> CocoSource.open(Listings.CONF, Samples.hadoop(zips)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("train2017.zip");
  }

  private Path cocoZips() throws IOException {
    Path zips = Files.createDirectories(temp.resolve("zips"));
    zip(zips.resolve("train2017.zip"), COCO, ZipEntry.STORED, n -> n.startsWith("train2017/"));
    zip(zips.resolve("val2017.zip"), COCO, ZipEntry.DEFLATED, n -> n.startsWith("val2017/"));
    zip(
        zips.resolve("annotations_trainval2017.zip"),
        COCO,
        ZipEntry.DEFLATED,
        n -> n.startsWith("annotations/"));
    return zips;
  }

  private static Path firstPicture() throws IOException {
    try (Stream<Path> files = Files.list(COCO.resolve("train2017"))) {
      return files.filter(f -> f.toString().endsWith(".jpg")).sorted().findFirst().orElseThrow();
    }
  }

  private static int indexOf(byte[] bytes, byte[] part) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    int at = text.indexOf(new String(part, StandardCharsets.ISO_8859_1));
    assertThat(at).isPositive();
    return at;
  }

  private static List<String> lengths(List<Listed> listed) {
    return listed.stream()
        .filter(SampleRef.class::isInstance)
        .map(l -> l.id() + " " + ((SampleRef) l).length())
        .toList();
  }

  private void assertSameShard(DataSource folder, DataSource zipped, String split)
      throws IOException {
    Path one = temp.resolve(split + "/folder.parquet");
    Path other = temp.resolve(split + "/zipped.parquet");
    ShardSummary expected = Listings.shard(one, folder, split);
    ShardSummary actual = Listings.shard(other, zipped, split);
    assertThat(actual.rowGroupRows()).isEqualTo(expected.rowGroupRows());
    assertThat(actual.quarantined()).hasSameSizeAs(expected.quarantined());
    assertThat(actual.remarks()).hasSameSizeAs(expected.remarks());
    List<Sample> a = Listings.read(one);
    List<Sample> b = Listings.read(other);
    for (int i = 0; i < a.size(); i++) {
      assertThat(b.get(i).id()).isEqualTo(a.get(i).id());
      assertThat(b.get(i).image()).isEqualTo(a.get(i).image());
      assertThat(b.get(i).source()).contains(a.get(i).source().replaceAll(".*/", ""));
      if (a.get(i).target() instanceof LabelMapTarget labels) {
        LabelMapTarget same = (LabelMapTarget) b.get(i).target();
        assertThat(same.png()).isEqualTo(labels.png());
        assertThat(same.scene()).isEqualTo(labels.scene());
      } else {
        ObjectTarget same = (ObjectTarget) b.get(i).target();
        assertThat(same.annotations())
            .usingRecursiveComparison()
            .isEqualTo(((ObjectTarget) a.get(i).target()).annotations());
      }
    }
  }

  private static void zip(Path zip, Path root, int method, Predicate<String> wanted)
      throws IOException {
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip));
        Stream<Path> files = Files.walk(root)) {
      for (Path file : files.sorted().toList()) {
        String name = root.relativize(file).toString();
        if (Files.isDirectory(file) || !wanted.test(name)) {
          continue;
        }
        byte[] bytes = Files.readAllBytes(file);
        ZipEntry entry = new ZipEntry(name);
        entry.setMethod(method);
        CRC32 crc = new CRC32();
        crc.update(bytes);
        entry.setCrc(crc.getValue());
        entry.setSize(bytes.length);
        out.putNextEntry(entry);
        out.write(bytes);
        out.closeEntry();
      }
    }
  }
}
