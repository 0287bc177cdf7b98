package io.elapid.cli;

import io.elapid.data.source.ShapesSource;
import io.elapid.data.source.ShapesSpec;
import java.io.IOException;
import java.io.PrintStream;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Generated pictures, written under a temporary name first: a folder with the final name is whole.
 */
final class Shapes {
  private static final int TENTHS = 10;

  private Shapes() {}

  static void generate(Configuration hadoop, Path out, ShapesSpec spec, PrintStream say)
      throws IOException {
    FileSystem files = out.getFileSystem(hadoop);
    Path target = files.makeQualified(out);
    Path temporary = new Path(target.getParent(), "_" + target.getName() + ".generating");
    files.delete(temporary, true);
    AtomicLong told = new AtomicLong();
    ShapesSource.generate(
        hadoop,
        temporary,
        spec,
        (done, total) -> {
          long tenth = done * TENTHS / total;
          if (told.getAndAccumulate(tenth, Math::max) < tenth) {
            say.printf("generate: %,d of %,d pictures%n", done, total);
          }
        });
    files.delete(target, true); // empty, as the caller has made sure
    if (!files.rename(temporary, target)) {
      throw new IOException("cannot rename " + temporary + " to " + target);
    }
    say.printf("generate: %s is ready%n", out);
  }
}
