package io.elapid.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.elapid.data.InputException;
import io.elapid.data.SplitMix;
import io.elapid.data.augment.CenterCrop;
import io.elapid.data.augment.Normalization;
import io.elapid.data.image.Image;
import io.elapid.data.image.JpegEncoder;
import io.elapid.data.loader.Batch;
import io.elapid.data.loader.BatchLoader;
import io.elapid.data.loader.LoaderSettings;
import io.elapid.data.loader.ReadSettings;
import io.elapid.data.shard.Manifest;
import io.elapid.data.shard.ShardSettings;
import io.elapid.data.shard.ShardSummary;
import io.elapid.data.shard.ShardWriter;
import io.elapid.data.source.Ade20kSource;
import io.elapid.data.source.DataSource;
import io.elapid.data.source.ImageNetSource;
import io.elapid.data.source.Listed;
import io.elapid.data.source.Listing;
import io.elapid.data.source.ListingUnit;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A storage that fails while it is read. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class HdfsReadTest {
  private static final java.nio.file.Path ADE20K =
      java.nio.file.Path.of("../data-prep/src/test/resources/ade20k").toAbsolutePath().normalize();
  private static final int SHARDS = 6;
  private static final int PICTURES = 24;
  private static final int SIDE = 160;

  @TempDir java.nio.file.Path temp;

  private MiniDFSCluster cluster;
  private Configuration conf;
  private Path dataset;
  private final List<String> expected = new ArrayList<>();

  @BeforeEach
  void start() throws IOException {
    conf = new Configuration();
    conf.set("hadoop.tmp.dir", temp.resolve("tmp").toString());
    conf.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, temp.resolve("hdfs").toString());
    // The client's own waiting, which comes before ours.
    conf.setInt("dfs.client.retry.window.base", 10);
    conf.setInt("dfs.client.socket-timeout", 2_000);
    cluster = new MiniDFSCluster.Builder(conf).numDataNodes(2).build();
    cluster.waitActive();
    dataset = new Path(cluster.getURI().toString() + "/data");
    write();
  }

  @AfterEach
  void stop() {
    cluster.shutdown(true);
  }

  @Test
  void anotherReplicaAnswersForADataNodeThatDies() throws Exception {
    try (BatchLoader<Batch> loader = open(Duration.ofSeconds(60))) {
      List<String> ids = new ArrayList<>(loader.next().ids());
      cluster.stopDataNode(0);
      drain(loader, ids);
      assertThat(ids).isEqualTo(expected);
    }
  }

  /** As the bucket of an object store is given. */
  @Test
  void archivesMayLieInTheRoot() throws Exception {
    java.nio.file.Path zip = temp.resolve("ADEChallengeData2016.zip");
    try (Stream<java.nio.file.Path> files = Files.walk(ADE20K);
        ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
      for (java.nio.file.Path file : files.filter(Files::isRegularFile).toList()) {
        out.putNextEntry(new ZipEntry(ADE20K.relativize(file).toString()));
        Files.copy(file, out);
      }
    }
    Path root = new Path(cluster.getURI() + "/");
    root.getFileSystem(conf).copyFromLocalFile(new Path(zip.toUri()), root);
    DataSource zipped = Ade20kSource.open(conf, root);
    DataSource folder = Ade20kSource.open(conf, new Path(ADE20K.toUri()));
    assertThat(zipped.classes()).isEqualTo(folder.classes());
    assertThat(ids(zipped)).isEqualTo(ids(folder)).isNotEmpty();
  }

  private List<String> ids(DataSource source) throws IOException {
    List<String> ids = new ArrayList<>();
    for (ListingUnit unit : source.units()) {
      try (Listing listing = source.list(conf, unit)) {
        listing.forEachRemaining(found -> ids.add(found.id()));
      }
    }
    return ids;
  }

  @Test
  void readingGoesOnWhenTheStorageComesBack() throws Exception {
    try (BatchLoader<Batch> loader = open(Duration.ofSeconds(60))) {
      List<String> ids = new ArrayList<>(loader.next().ids());
      MiniDFSCluster.DataNodeProperties first = cluster.stopDataNode(0);
      MiniDFSCluster.DataNodeProperties second = cluster.stopDataNode(0);
      Thread later =
          new Thread(
              () -> {
                try {
                  // Until the loader has been refused at least once.
                  Thread.sleep(1_000);
                  cluster.restartDataNode(first, true);
                  cluster.restartDataNode(second, true);
                } catch (IOException | InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              });
      later.start();
      drain(loader, ids);
      later.join();
      assertThat(ids).isEqualTo(expected);
    }
  }

  @Test
  void aStorageThatStaysAwayIsNamed() throws Exception {
    try (BatchLoader<Batch> loader = open(Duration.ofSeconds(2))) {
      List<String> ids = new ArrayList<>(loader.next().ids());
      cluster.stopDataNode(0);
      cluster.stopDataNode(0);
      assertThatThrownBy(() -> drain(loader, ids))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("cannot read " + dataset)
          // what is only out of reach had better not be prepared again
          .extracting(away -> ((InputException) away).remedy())
          .asString()
          .contains("see that the storage answers")
          .doesNotContain("prepare");
    }
  }

  private static void drain(BatchLoader<Batch> loader, List<String> ids)
      throws InterruptedException {
    for (Batch batch = loader.next(); batch != null; batch = loader.next()) {
      ids.addAll(batch.ids());
      loader.recycle(batch);
    }
  }

  private BatchLoader<Batch> open(Duration retry) throws IOException {
    LoaderSettings settings =
        new LoaderSettings(
            List.of(new CenterCrop(32)),
            Normalization.imageNet(),
            32,
            1,
            0,
            1,
            1,
            1,
            Duration.ofSeconds(90),
            0);
    Configuration reading = new ReadSettings(retry, Optional.empty(), 0).in(conf);
    return BatchLoader.evaluation(reading, dataset, "train", settings, 0, 1, 4);
  }

  /** Noisy pictures of some 30 KB each, four to a shard. */
  private void write() throws IOException {
    SplitMix random = new SplitMix(3);
    try (JpegEncoder encoder = new JpegEncoder()) {
      for (int i = 0; i <= PICTURES; i++) {
        byte[] rgb = new byte[SIDE * SIDE * Image.CHANNELS];
        for (int k = 0; k < rgb.length; k++) {
          rgb[k] = (byte) random.nextInt(256);
        }
        java.nio.file.Path folder = temp.resolve(i < PICTURES ? "raw/train/c" : "raw/val/c");
        Files.createDirectories(folder);
        Files.write(
            folder.resolve("%02d.jpg".formatted(i)),
            encoder.encode(new Image(SIDE, SIDE, rgb), 0.9));
      }
    }
    ImageNetSource source =
        ImageNetSource.open(new Configuration(), new Path(temp.resolve("raw").toUri()));
    List<Listed> listed = new ArrayList<>();
    for (ListingUnit unit : source.units()) {
      if (unit.split().equals("train")) {
        try (Listing listing = source.list(new Configuration(), unit)) {
          listing.forEachRemaining(listed::add);
        }
      }
    }
    listed.forEach(found -> expected.add(found.id()));
    List<ShardSummary> shards = new ArrayList<>();
    int rows = PICTURES / SHARDS;
    for (int shard = 0; shard < SHARDS; shard++) {
      shards.add(
          ShardWriter.write(
              conf,
              new Path(dataset, "train/" + ShardSummary.fileName(shard, SHARDS)),
              source.kind(),
              listed.subList(shard * rows, (shard + 1) * rows).iterator(),
              ShardSettings.defaults()));
    }
    new Manifest(
            Manifest.SCHEMA_VERSION,
            "imagenet",
            source.kind(),
            source.classes(),
            Map.of("train", shards),
            0,
            0,
            List.of(0.485, 0.456, 0.406),
            List.of(0.229, 0.224, 0.225),
            Map.of())
        .write(conf, dataset);
  }
}
