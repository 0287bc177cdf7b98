package io.elapid.data.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.elapid.data.InputException;
import io.elapid.data.Prepared;
import io.elapid.data.Samples;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManifestTest {
  private static final Configuration CONF = new Configuration();

  @TempDir Path temp;
  private Manifest written;
  private Path json;

  @BeforeEach
  void prepare() throws Exception {
    written = Prepared.samples(temp.resolve("set"), 2, 16);
    json = temp.resolve("set/manifest.json");
  }

  @Test
  void readsWhatWasWritten() throws Exception {
    Manifest read = Manifest.read(CONF, root());
    assertThat(read.classes()).isEqualTo(written.classes());
    assertThat(read.rows("train")).isEqualTo(94);
    assertThat(read.rows("val")).isEqualTo(24);
    assertThat(read.quarantined()).isEqualTo(2);
    assertThat(read.createdBy()).containsEntry("seed", "1");
    assertThat(read.mean()).isEqualTo(List.of(0.485, 0.456, 0.406));
    for (int i = 0; i < 2; i++) {
      ShardSummary shard = read.shards("train").get(i);
      assertThat(shard.sha256()).isEqualTo(written.shards("train").get(i).sha256());
      assertThat(shard.rowGroupRows()).isEqualTo(written.shards("train").get(i).rowGroupRows());
    }
    assertThat(Files.readString(json)).isEqualTo(rewritten(read));
    assertThatThrownBy(() -> read.shards("test"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("no split \"test\" but [train, val]");
  }

  private String rewritten(Manifest manifest) throws Exception {
    manifest.write(CONF, Samples.hadoop(temp.resolve("copy")));
    return Files.readString(temp.resolve("copy/manifest.json"));
  }

  @Test
  void aFolderWithoutManifestOrMarkerIsNotADataSet() throws Exception {
    assertThat(Manifest.exists(CONF, root())).isTrue();
    Files.delete(temp.resolve("set/_SUCCESS"));
    assertThat(Manifest.exists(CONF, root())).isFalse();
    assertRefused("not a finished data set");
    Files.createFile(temp.resolve("set/_SUCCESS"));
    Files.delete(json);
    assertRefused("not a finished data set");
    assertThatThrownBy(() -> Manifest.read(CONF, Samples.hadoop(temp.resolve("none"))))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("there is no data set at");
  }

  @Test
  void saysWhichFieldIsDamaged() throws Exception {
    String good = Files.readString(json);
    damaged("", "manifest.json is damaged");
    damaged(good.substring(0, good.length() / 2), "manifest.json is damaged");
    damaged(good.replace("\"schemaVersion\" : 1", "\"schemaVersion\" : 7"), "schemaVersion is 7");
    damaged(good.replace("\"sha256\"", "\"md5\""), "splits.train[0].sha256 is missing");
    damaged(good.replace("\"rows\" : ", "\"rows\" : 1"), "rowGroupRows add up to");
    damaged(good.replace("\"index\" : 2", "\"index\" : 9"), "classes[2].index is 9");
  }

  private void damaged(String content, String message) throws Exception {
    Files.writeString(json, content);
    assertRefused(message);
  }

  private void assertRefused(String message) {
    assertThatThrownBy(() -> Manifest.read(CONF, root()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(message);
  }

  private org.apache.hadoop.fs.Path root() {
    return Samples.hadoop(temp.resolve("set"));
  }
}
