package io.elapid.data.source;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/**
 * A folder as if each zip archive in it had been unpacked there. Nothing is: files are read from
 * where they lie in their archives. What really is in the folder goes before what is in an archive.
 *
 * <p>A path {@code zipped://DEPTH-SCHEME-AUTHORITY/FOLDER/FILE} says it all, so that whoever is
 * given one can read it: the folder is the first DEPTH names of the path on the other file system.
 */
final class ZippedFolder extends FileSystem {
  private static final String SCHEME = "zipped";

  private final Map<String, ZipIndex> indices = new ConcurrentHashMap<>();
  private URI uri;
  private FileSystem files;
  private int depth;

  /**
   * The folder with its archives opened, or the same folder if there are none. Makes the scheme
   * known to {@code conf}.
   */
  static Path view(Configuration conf, Path folder) throws IOException {
    FileSystem fs = folder.getFileSystem(conf);
    try {
      boolean archives = false;
      for (FileStatus file : fs.listStatus(folder)) {
        archives |= !file.getPath().equals(folder) && ZipIndex.isArchive(file);
      }
      if (!archives) {
        return folder;
      }
    } catch (FileNotFoundException e) {
      return folder;
    }
    conf.set("fs." + SCHEME + ".impl", ZippedFolder.class.getName());
    // Through a string: a path made from a URI may end in a slash.
    URI real = new Path(fs.makeQualified(folder).toString()).toUri();
    String authority = real.getAuthority() == null ? "" : real.getAuthority();
    int depth = new Path(real.getPath()).depth();
    return new Path(SCHEME, depth + "-" + real.getScheme() + "-" + authority, real.getPath());
  }

  @Override
  public void initialize(URI name, Configuration conf) throws IOException {
    super.initialize(name, conf);
    setConf(conf);
    String[] parts = name.getAuthority().split("-", 3);
    this.uri = URI.create(SCHEME + "://" + name.getAuthority());
    this.depth = Integer.parseInt(parts[0]);
    this.files = new Path(parts[1] + "://" + parts[2] + "/").getFileSystem(conf);
  }

  @Override
  public String getScheme() {
    return SCHEME;
  }

  @Override
  public URI getUri() {
    return uri;
  }

  private Path real(Path path) {
    return files.makeQualified(new Path(path.toUri().getPath()));
  }

  private Path own(Path real) {
    return new Path(SCHEME, uri.getAuthority(), real.toUri().getPath());
  }

  /** A path taken apart. */
  private record Place(String folder, String below) {}

  private Place place(Path path) {
    String text = path.toUri().getPath();
    int end = 0;
    for (int i = 0; i < depth && end >= 0; i++) {
      end = text.indexOf('/', end + 1);
    }
    return end < 0
        ? new Place(text, "")
        : new Place(end == 0 ? Path.SEPARATOR : text.substring(0, end), text.substring(end + 1));
  }

  private ZipIndex index(Place place) throws IOException {
    ZipIndex index = indices.get(place.folder());
    if (index == null) {
      index = ZipIndex.of(files, files.makeQualified(new Path(place.folder())));
      indices.put(place.folder(), index);
    }
    return index;
  }

  @Override
  public FileStatus getFileStatus(Path path) throws IOException {
    try {
      return status(files.getFileStatus(real(path)));
    } catch (FileNotFoundException e) {
      Place place = place(path);
      ZipIndex index = index(place);
      ZipMember member = index.member(place.below());
      if (member == null && !index.isFolder(place.below())) {
        throw e;
      }
      return status(path, member);
    }
  }

  private FileStatus status(FileStatus real) throws IOException {
    FileStatus status = new FileStatus(real);
    status.setPath(own(real.getPath()));
    return status;
  }

  private FileStatus status(Path path, ZipMember member) {
    Path own = own(path);
    return member == null
        ? new FileStatus(0, true, 1, 0, 0, own)
        : new FileStatus(
            member.length(), false, 1, getDefaultBlockSize(path), member.modified(), own);
  }

  @Override
  public FileStatus[] listStatus(Path path) throws IOException {
    FileStatus self = getFileStatus(path);
    if (self.isFile()) {
      return new FileStatus[] {self};
    }
    Place place = place(path);
    List<FileStatus> all = new ArrayList<>();
    Set<String> names = new HashSet<>();
    Path real = real(path);
    if (files.exists(real)) {
      for (FileStatus file : files.listStatus(real)) {
        names.add(file.getPath().getName());
        if (!place.below().isEmpty() || !ZipIndex.isArchive(file)) {
          all.add(status(file));
        }
      }
    }
    ZipIndex index = index(place);
    for (String name : index.children(place.below())) {
      if (names.add(name)) {
        String below = place.below().isEmpty() ? name : place.below() + "/" + name;
        all.add(status(new Path(path, name), index.member(below)));
      }
    }
    return all.toArray(FileStatus[]::new);
  }

  @Override
  public FSDataInputStream open(Path path, int bufferSize) throws IOException {
    Place place = place(path);
    ZipMember member = index(place).member(place.below());
    try {
      return files.open(real(path), bufferSize);
    } catch (FileNotFoundException e) {
      if (member == null) {
        throw e;
      }
      return new FSDataInputStream(new ZipStream(files, member));
    }
  }

  @Override
  public Path getWorkingDirectory() {
    return new Path(uri.toString() + "/");
  }

  @Override
  public void setWorkingDirectory(Path folder) {
    throw readOnly();
  }

  @Override
  public FSDataOutputStream create(
      Path path,
      FsPermission permission,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress) {
    throw readOnly();
  }

  @Override
  public FSDataOutputStream append(Path path, int bufferSize, Progressable progress) {
    throw readOnly();
  }

  @Override
  public boolean rename(Path from, Path to) {
    throw readOnly();
  }

  @Override
  public boolean delete(Path path, boolean recursive) {
    throw readOnly();
  }

  @Override
  public boolean mkdirs(Path path, FsPermission permission) {
    throw readOnly();
  }

  private static UnsupportedOperationException readOnly() {
    return new UnsupportedOperationException("archives are only read");
  }
}
