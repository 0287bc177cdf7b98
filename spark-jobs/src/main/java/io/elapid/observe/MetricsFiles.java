package io.elapid.observe;

import io.elapid.data.LocalFiles;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The files {@code metrics.jsonl}, {@code metrics-1.jsonl}, ... of one folder, in that order. */
final class MetricsFiles {
  private static final Logger LOG = LoggerFactory.getLogger(MetricsFiles.class);
  private static final Pattern NAME = Pattern.compile("metrics(?:-(\\d{1,9}))?\\.jsonl");

  private final FileSystem fs;
  private final Path folder;

  private MetricsFiles(FileSystem fs, Path folder) {
    this.fs = fs;
    this.folder = folder;
  }

  static MetricsFiles in(Configuration conf, Path folder) throws IOException {
    FileSystem plain = LocalFiles.plain(conf, folder);
    return new MetricsFiles(plain, plain.makeQualified(folder));
  }

  Path folder() {
    return folder;
  }

  FileSystem fileSystem() {
    return fs;
  }

  List<Path> list() throws IOException {
    List<Path> files = new ArrayList<>();
    try {
      for (FileStatus status : fs.listStatus(folder)) {
        if (status.isFile() && number(status.getPath()) >= 0) {
          files.add(status.getPath());
        }
      }
    } catch (FileNotFoundException e) {
      return List.of();
    }
    files.sort(Comparator.comparingInt(MetricsFiles::number));
    return files;
  }

  /** Appends to the last file where that is possible, else starts the next. */
  FSDataOutputStream continueLast() throws IOException {
    List<Path> files = list();
    if (!files.isEmpty()) {
      Path last = files.get(files.size() - 1);
      try {
        FSDataOutputStream out = fs.append(last);
        // A writer that was killed may have left half a line.
        out.write('\n');
        return out;
      } catch (UnsupportedOperationException | IOException | FSError e) {
        LOG.debug("cannot append to {}: {}", last, e.toString());
      }
    }
    return startNext();
  }

  private FSDataOutputStream startNext() throws IOException {
    return start(next());
  }

  /** The file after the last. */
  Path next() throws IOException {
    List<Path> files = list();
    int next = files.isEmpty() ? 0 : number(files.get(files.size() - 1)) + 1;
    return new Path(folder, next == 0 ? "metrics.jsonl" : "metrics-" + next + ".jsonl");
  }

  FSDataOutputStream start(Path file) throws IOException {
    FSDataOutputStream out = fs.create(file);
    if (LocalFiles.of(fs.getConf(), file).isEmpty()) {
      return out;
    }
    // A driver that wakes up when another has taken over must not write over that one's lines,
    // which nothing but the file itself can prevent here.
    out.close();
    return fs.append(file);
  }

  /** Deletes a file that was started in vain. */
  void remove(Path file) {
    try {
      fs.delete(file, false);
    } catch (IOException | FSError e) {
      LOG.debug("{} stays: {}", file, e.toString());
    }
  }

  private static int number(Path file) {
    Matcher matcher = NAME.matcher(file.getName());
    if (!matcher.matches()) {
      return -1;
    }
    return matcher.group(1) == null ? 0 : Integer.parseInt(matcher.group(1));
  }
}
