package io.elapid.data.shard;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.data.Prepared;
import io.elapid.data.Samples;
import io.elapid.data.source.Ade20kSource;
import io.elapid.data.source.CocoSource;
import io.elapid.data.source.DataSource;
import io.elapid.data.source.Listed;
import io.elapid.data.source.ListedAnnotation;
import io.elapid.data.source.SampleRef;
import io.elapid.data.source.TargetRef;
import io.elapid.data.target.ObjectAnnotation;
import io.elapid.data.target.Segmentation;
import io.elapid.data.target.TargetKind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShardVerifierTest {
  private static final Configuration CONF = new Configuration();
  private static final Path RESOURCES = Path.of("src/test/resources");

  @TempDir Path temp;

  @Test
  void soundShardsOfEveryKindPass() throws Exception {
    for (ShardSummary shard : Prepared.samples(temp, 2, 16).shards("train")) {
      ShardVerifier.Report report = verify(shard, TargetKind.CLASSIFICATION, 6);
      assertThat(report.problems()).isEmpty();
      assertThat(report.rows()).isEqualTo(shard.rows());
    }
    DataSource coco = CocoSource.open(CONF, Samples.hadoop(RESOURCES.resolve("coco")));
    ShardSummary shard = Listings.shard(temp.resolve("train/coco"), coco, "train");
    assertThat(verify(shard, coco.kind(), 5).problems()).isEmpty();
    DataSource ade20k = Ade20kSource.open(CONF, Samples.hadoop(RESOURCES.resolve("ade20k")));
    shard = Listings.shard(temp.resolve("val/ade20k"), ade20k, "val");
    assertThat(verify(shard, ade20k.kind(), 150).problems()).isEmpty();
    assertThat(verify(shard, ade20k.kind(), 149).problems())
        .allMatch(problem -> problem.contains("has label value 150 of 149 classes"))
        .isNotEmpty();
  }

  @Test
  void findsEveryFlippedBit() throws Exception {
    ShardSummary shard = Prepared.samples(temp, 1, 16).shards("val").get(0);
    Path file = temp.resolve(shard.file());
    byte[] bytes = Files.readAllBytes(file);
    for (int i = 0; i < 12; i++) {
      byte[] flipped = bytes.clone();
      flipped[(int) ((long) bytes.length * i / 12)] ^= 1;
      Files.write(file, flipped);
      assertThat(verify(shard, TargetKind.CLASSIFICATION, 6).count()).isPositive();
    }
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 1));
    assertThat(verify(shard, TargetKind.CLASSIFICATION, 6).problems())
        .anyMatch(problem -> problem.contains("bytes, the manifest says"));
    Files.delete(file);
    assertThat(verify(shard, TargetKind.CLASSIFICATION, 6).problems()).contains("is missing");
  }

  @Test
  void saysWhatIsNotAsTheManifestSays() throws Exception {
    ShardSummary shard = Prepared.samples(temp, 1, 16).shards("val").get(0);
    assertThat(verify(shard, TargetKind.DETECTION, 6).problems())
        .anyMatch(problem -> problem.contains("has the columns of CLASSIFICATION"));
    assertThat(verify(shard, TargetKind.CLASSIFICATION, 2).problems())
        .anyMatch(problem -> problem.contains("has label 5 of 2 classes"));
    ShardSummary other =
        new ShardSummary(
            shard.file(), 25, shard.bytes(), shard.sha256(), List.of(25), List.of(), List.of());
    assertThat(verify(other, TargetKind.CLASSIFICATION, 6).problems())
        .anyMatch(problem -> problem.contains("other row groups"))
        .anyMatch(problem -> problem.contains("24 readable rows, the manifest says 25"));
  }

  @Test
  void decodesEveryPicture() throws Exception {
    byte[] jpeg =
        Files.readAllBytes(Samples.FOLDERS.resolve("train/n90000047/n90000047_12141.JPEG"));
    byte[] cut = Arrays.copyOf(jpeg, jpeg.length * 2 / 3);
    cut[cut.length - 2] = (byte) 0xFF;
    cut[cut.length - 1] = (byte) 0xD9;
    Path picture = temp.resolve("cut.jpg");
    Files.write(picture, cut);
    SampleRef ref =
        new SampleRef(
            "train", "a", picture.toUri().toString(), 0, cut.length, new TargetRef.OfClass(0));
    ShardSummary shard =
        ShardWriter.write(
            CONF,
            Samples.hadoop(temp.resolve("train/x")),
            TargetKind.CLASSIFICATION,
            List.of(ref).iterator(),
            ShardSettings.defaults());
    assertThat(verify(shard, TargetKind.CLASSIFICATION, 1).problems())
        .singleElement()
        .satisfies(problem -> assertThat(problem).startsWith("a: damaged JPEG"));
  }

  @Test
  void findsMasksThatCannotBeDrawn() throws Exception {
    ObjectAnnotation object =
        new ObjectAnnotation(
            7,
            1,
            0,
            1,
            1,
            9,
            9,
            40,
            ObjectAnnotation.Extent.OBJECT,
            new Segmentation.Polygons(List.of(new double[] {1, 1, 1e30, 5, 7, 7})));
    DataSource coco = CocoSource.open(CONF, Samples.hadoop(RESOURCES.resolve("coco")));
    Listed picture = Listings.of(coco, "val").get(0);
    Listed annotation = new ListedAnnotation("val", picture.id(), 0, "annotations", object);
    ShardSummary shard =
        ShardWriter.write(
            CONF,
            Samples.hadoop(temp.resolve("val/x")),
            coco.kind(),
            List.of(picture, annotation).iterator(),
            ShardSettings.defaults());
    assertThat(verify(shard, coco.kind(), 5).problems())
        .containsExactly(picture.id() + ": annotation 7 cannot be drawn");
  }

  private ShardVerifier.Report verify(ShardSummary shard, TargetKind kind, int classes)
      throws Exception {
    return ShardVerifier.verify(CONF, Samples.hadoop(temp), shard, kind, classes);
  }
}
