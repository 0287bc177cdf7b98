package io.elapid.cli;

import io.elapid.data.source.ShapesSource;
import io.elapid.data.source.ShapesSpec;
import java.io.IOException;
import java.io.PrintStream;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** Generates pictures and says how far it is. */
final class Shapes {
  private static final int TENTHS = 10;

  private Shapes() {}

  static void generate(Configuration hadoop, Path out, ShapesSpec spec, PrintStream say)
      throws IOException {
    AtomicLong told = new AtomicLong();
    ShapesSource.generate(
        hadoop,
        out,
        spec,
        (done, total) -> {
          long tenth = done * TENTHS / total;
          if (told.getAndAccumulate(tenth, Math::max) < tenth) {
            say.printf("generate: %,d of %,d pictures%n", done, total);
          }
        });
    say.printf("generate: %s is ready%n", out);
  }
}
