package io.elapid.data.source;

import io.elapid.data.InputException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * What is in the zip archives of a folder, by the paths that unpacking them there would give. Reads
 * the archives' directories only and holds some 200 bytes for each file.
 */
final class ZipIndex {
  private static final String REMEDY = "download or copy the archive again, or unpack it";

  private final Map<String, ZipMember> members = new HashMap<>();
  private final Map<String, Set<String>> children = new HashMap<>();

  private ZipIndex() {}

  static boolean isArchive(FileStatus file) {
    String name = file.getPath().getName();
    return file.isFile() && !FileNames.isHidden(name) && name.endsWith(".zip");
  }

  /**
   * Reads the directories of all archives in {@code folder}.
   *
   * @throws InputException naming an archive that cannot be read
   */
  static ZipIndex of(FileSystem fs, Path folder) throws IOException {
    ZipIndex index = new ZipIndex();
    FileStatus[] files = fs.listStatus(folder);
    Arrays.sort(files);
    for (FileStatus file : files) {
      if (isArchive(file)) {
        index.add(fs, file);
      }
    }
    return index;
  }

  /** Null if there is no such file. */
  ZipMember member(String path) {
    return members.get(path);
  }

  boolean isFolder(String path) {
    return children.containsKey(path);
  }

  /** Names in a folder, relative to the one that holds the archives, "" for that one itself. */
  Set<String> children(String path) {
    return children.getOrDefault(path, Collections.emptySet());
  }

  private void add(FileSystem fs, FileStatus archive) throws IOException {
    try {
      ZipDirectory.read(fs, archive, this::add);
    } catch (IOException e) {
      throw new InputException(
          "cannot list the archive " + archive.getPath() + ": " + e.getMessage(), REMEDY, e);
    }
  }

  private void add(String written, ZipMember member) {
    String name = written.startsWith("./") ? written.substring(2) : written;
    if (staysInside(name) && members.putIfAbsent(name, member) == null) {
      for (String at = name; !at.isEmpty(); ) {
        String parent = at.substring(0, Math.max(0, at.lastIndexOf('/')));
        boolean known = children.containsKey(parent);
        children
            .computeIfAbsent(parent, p -> new TreeSet<>(FileNames.BYTEWISE))
            .add(FileNames.base(at));
        at = known ? "" : parent;
      }
    }
  }

  private static boolean staysInside(String name) {
    return !name.isEmpty()
        && !name.startsWith("/")
        && Arrays.stream(name.split("/", -1)).noneMatch(p -> p.isEmpty() || p.equals(".."));
  }
}
