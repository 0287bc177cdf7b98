package io.elapid.cli;

import io.elapid.data.source.Progress;
import io.elapid.job.GeneratedPictures;
import java.io.IOException;
import java.io.PrintStream;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** Generates pictures and says how far it is. */
final class Shapes {
  private static final int TENTHS = 10;

  private Shapes() {}

  static void generate(
      Configuration hadoop,
      Path out,
      GeneratedPictures pictures,
      int train,
      int validation,
      PrintStream say)
      throws IOException {
    pictures.generate(hadoop, out, train, validation, telling(say));
    say.printf("generate: %s is ready%n", out);
  }

  private static Progress telling(PrintStream say) {
    AtomicLong told = new AtomicLong();
    return (done, total) -> {
      long tenth = done * TENTHS / total;
      if (told.getAndAccumulate(tenth, Math::max) < tenth) {
        say.printf("generate: %,d of %,d pictures%n", done, total);
      }
    };
  }
}
