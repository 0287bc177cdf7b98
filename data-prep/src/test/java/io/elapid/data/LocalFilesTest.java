package io.elapid.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalFilesTest {
  private final Configuration conf = new Configuration();

  @TempDir Path temp;

  @Test
  void knowsWhatLiesOnThisMachine() throws Exception {
    Path file = temp.resolve("a b/x.bin");
    assertThat(LocalFiles.of(conf, Samples.hadoop(file))).contains(file.toFile());
    assertThat(LocalFiles.of(conf, new org.apache.hadoop.fs.Path("http://localhost/x.bin")))
        .isEmpty();
  }

  @Test
  void writesAFileAndItsFolderAndNothingElse() throws Exception {
    byte[] bytes = new byte[1_000_003];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (i * i >> 5);
    }
    Path file = temp.resolve("new/folder/x.bin");
    try (OutputStream out = LocalFiles.create(conf, Samples.hadoop(file))) {
      out.write(bytes[0]);
      out.write(bytes, 1, bytes.length - 1);
    }
    assertThat(file).hasBinaryContent(bytes);
    assertThat(Samples.names(file.getParent())).containsExactly("x.bin");
  }

  @Test
  void leavesAFileThatIsThere() throws Exception {
    Path file = Files.writeString(temp.resolve("x.bin"), "mine");
    assertThatThrownBy(() -> LocalFiles.create(conf, Samples.hadoop(file)).close())
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThat(file).hasContent("mine");
  }

  @Test
  void saysWhenItCannotWrite() throws Exception {
    Path file = Files.writeString(temp.resolve("file"), "").resolve("x.bin");
    assertThatThrownBy(() -> LocalFiles.create(conf, Samples.hadoop(file)).close())
        .isInstanceOf(IOException.class);
  }
}
