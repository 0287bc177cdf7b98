package io.elapid.data.source;

import io.elapid.data.LocalFiles;
import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * A picture in a folder.
 *
 * @param path full Hadoop path
 * @param length in bytes
 */
record FolderFile(String name, String path, long length) {
  /**
   * The pictures that lie in a folder itself, in no order.
   *
   * <p>Hadoop asks the system four times for what it wants to know of a local file; here it is
   * asked once.
   *
   * @throws java.io.FileNotFoundException if there is no such folder
   */
  static List<FolderFile> pictures(Configuration conf, Path folder) throws IOException {
    FileSystem fs = folder.getFileSystem(conf);
    Optional<File> local = LocalFiles.of(conf, folder).filter(File::isDirectory);
    if (local.isPresent()) {
      return pictures(local.get().toPath(), fs.makeQualified(folder).toString());
    }
    List<FolderFile> found = new ArrayList<>();
    for (FileStatus file : fs.listStatus(folder)) {
      String name = file.getPath().getName();
      if (file.isFile() && FileNames.isPicture(name)) {
        found.add(new FolderFile(name, file.getPath().toString(), file.getLen()));
      }
    }
    return found;
  }

  private static List<FolderFile> pictures(java.nio.file.Path folder, String qualified)
      throws IOException {
    List<FolderFile> found = new ArrayList<>();
    try (DirectoryStream<java.nio.file.Path> files = Files.newDirectoryStream(folder)) {
      for (java.nio.file.Path file : files) {
        String name = file.getFileName().toString();
        if (FileNames.isPicture(name)) {
          add(file, name, qualified, found);
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return found;
  }

  private static void add(
      java.nio.file.Path file, String name, String folder, List<FolderFile> found)
      throws IOException {
    try {
      BasicFileAttributes facts = Files.readAttributes(file, BasicFileAttributes.class);
      if (facts.isRegularFile()) {
        found.add(new FolderFile(name, folder + Path.SEPARATOR + name, facts.size()));
      }
    } catch (NoSuchFileException e) {
      // Removed since, or a link to nowhere: Hadoop does not list these either.
    }
  }
}
