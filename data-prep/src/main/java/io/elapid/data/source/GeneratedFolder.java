package io.elapid.data.source;

import io.elapid.data.InputException;
import io.elapid.data.LocalFiles;
import io.elapid.data.image.JpegEncoder;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** A folder of generated pictures, painted by several threads; it appears when it is complete. */
final class GeneratedFolder {
  private final Configuration conf;
  private final Path root;

  /** What is in the folder. Pictures are painted in any order, by any thread. */
  interface Content {
    /** Number of pictures. */
    int pictures();

    /** Whatever has to be there before the first picture. */
    void begin(GeneratedFolder folder) throws IOException;

    /** Writes one picture's files. */
    void paint(GeneratedFolder folder, JpegEncoder encoder, int picture) throws IOException;

    /** Whatever can be written only when all pictures are there. */
    void end(GeneratedFolder folder) throws IOException;
  }

  private GeneratedFolder(Configuration conf, Path root) {
    this.conf = conf;
    this.root = root;
  }

  /**
   * Fills a new folder.
   *
   * @throws InputException if {@code out} exists and is not empty
   * @throws IOException when the storage fails; nothing is left behind
   */
  static void generate(
      Configuration conf, Path out, Content content, Progress progress, int threads)
      throws IOException {
    FileSystem fs = out.getFileSystem(conf);
    Path target = fs.makeQualified(out);
    requireRoom(fs, target);
    Path temporary =
        new Path(target.getParent(), "_" + target.getName() + "." + UUID.randomUUID() + ".tmp");
    boolean complete = false;
    try {
      GeneratedFolder folder = new GeneratedFolder(conf, temporary);
      content.begin(folder);
      folder.paint(content, progress, threads);
      content.end(folder);
      fs.delete(target, true);
      complete = fs.rename(temporary, target);
    } finally {
      if (!complete) {
        fs.delete(temporary, true);
      }
    }
    if (!complete) {
      throw new IOException("cannot rename " + temporary + " to " + target);
    }
  }

  private static void requireRoom(FileSystem fs, Path target) throws IOException {
    if (target.getParent() == null || (fs.exists(target) && fs.listStatus(target).length > 0)) {
      throw new InputException(
          target + " exists and is not empty", "give a new folder, or delete this one");
    }
  }

  private void paint(Content content, Progress progress, int threads) throws IOException {
    AtomicInteger next = new AtomicInteger();
    AtomicInteger done = new AtomicInteger();
    ExecutorService workers = Executors.newFixedThreadPool(threads);
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        running.add(
            workers.submit(
                () -> {
                  paint(content, progress, next, done);
                  return null;
                }));
      }
      for (Future<?> worker : running) {
        worker.get();
      }
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while generating pictures", e);
    } finally {
      workers.shutdownNow();
    }
  }

  /** Takes pictures until there are none left; any number of threads gives the same files. */
  private void paint(Content content, Progress progress, AtomicInteger next, AtomicInteger done)
      throws IOException {
    int total = content.pictures();
    try (JpegEncoder encoder = new JpegEncoder()) {
      for (int i = next.getAndIncrement(); i < total; i = next.getAndIncrement()) {
        if (Thread.interrupted()) {
          throw new IOException("interrupted while generating pictures");
        }
        content.paint(this, encoder, i);
        progress.update(done.incrementAndGet(), total);
      }
    }
  }

  void makeFolder(String name) throws IOException {
    Path folder = new Path(root, name);
    folder.getFileSystem(conf).mkdirs(folder);
  }

  void write(String name, byte[] bytes) throws IOException {
    try (OutputStream out = LocalFiles.create(conf, new Path(root, name))) {
      out.write(bytes);
    }
  }
}
