package io.elapid.data.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.data.Samples;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TarListingTest {
  @TempDir Path temp;

  @Test
  void findsMembersUnderEveryKindOfHeader() throws Exception {
    String longName = "./" + "deep/".repeat(30) + "long.JPEG";
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_GNU);
      directory(tar, "./");
      file(tar, "./a.JPEG", "first");
      file(tar, longName, "second");
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      file(tar, longName + "2", "third");
      link(tar);
    }
    byte[] archive = bytes.toByteArray();
    // A prefix stands for the archive's place inside another one.
    Path file = temp.resolve("some.tar");
    byte[] shifted = new byte[1536 + archive.length + 77];
    System.arraycopy(archive, 0, shifted, 1536, archive.length);
    Files.write(file, shifted);
    assertMembers(file, 1536, archive.length, List.of("first", "second", "third"));
  }

  @Test
  void readsHeadersOfTheSeventhEditionOfUnix() throws Exception {
    Path file = temp.resolve("v7.tar");
    byte[] archive = new byte[512 * 4];
    byte[] header = new byte[512];
    put(header, 0, "old.JPEG");
    put(header, 100, "0000644\0");
    put(header, 108, "0000000\0");
    put(header, 116, "0000000\0");
    put(header, 124, "00000000005\0");
    put(header, 136, "00000000000\0");
    put(header, 148, "        ");
    int sum = 0;
    for (byte b : header) {
      sum += b & 0xFF;
    }
    put(header, 148, "%06o\0 ".formatted(sum));
    System.arraycopy(header, 0, archive, 0, 512);
    put(archive, 512, "hello");
    Files.write(file, archive);
    assertMembers(file, 0, archive.length, List.of("hello"));
  }

  private static void assertMembers(Path file, long offset, long length, List<String> contents)
      throws IOException {
    List<TarListing.Member> members =
        TarListing.list(new Configuration(), Samples.hadoop(file), offset, length);
    byte[] all = Files.readAllBytes(file);
    assertThat(members)
        .extracting(
            m ->
                new String(
                    Arrays.copyOfRange(all, (int) m.offset(), (int) (m.offset() + m.length())),
                    StandardCharsets.UTF_8))
        .isEqualTo(contents);
  }

  private static void put(byte[] block, int at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(bytes, 0, block, at, bytes.length);
  }

  private static void file(TarArchiveOutputStream tar, String name, String content)
      throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name);
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    entry.setSize(bytes.length);
    tar.putArchiveEntry(entry);
    tar.write(bytes);
    tar.closeArchiveEntry();
  }

  private static void directory(TarArchiveOutputStream tar, String name) throws IOException {
    tar.putArchiveEntry(new TarArchiveEntry(name));
    tar.closeArchiveEntry();
  }

  private static void link(TarArchiveOutputStream tar) throws IOException {
    TarArchiveEntry link = new TarArchiveEntry("b.JPEG", TarConstants.LF_SYMLINK);
    link.setLinkName("a.JPEG");
    tar.putArchiveEntry(link);
    tar.closeArchiveEntry();
  }
}
