package io.elapid.chaos;

import io.elapid.data.SplitMix;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.hadoop.conf.Configuration;

/**
 * One go at a case.
 *
 * @param lab where it takes place
 * @param run path of the run's folder on the local file system
 * @param random what the moment of the fault and its victim are drawn from
 * @param limit in which the case must end
 */
record Trial(Lab lab, String run, SplitMix random, Duration limit) {

  /** A path beside the run's. */
  Path beside(String name) {
    return Path.of(run).resolveSibling(name);
  }

  /** Waits for the end of a program that must succeed. */
  void succeeds(Program program, String what) {
    int exit = program.await(limit);
    require(program, exit == 0, what + ": exit code " + exit);
  }

  /** Waits for the end of a program that must fail, with everything it must say. */
  void fails(Program program, int code, String... said) {
    int exit = program.await(limit);
    require(program, exit == code, "exit code %d instead of %d".formatted(exit, code));
    for (String words : said) {
      says(program, words);
    }
  }

  void says(Program program, String words) {
    require(program, program.output().contains(words), "does not say '" + words + "'");
  }

  void require(Program program, boolean holds, String what) {
    if (!holds) {
      throw program.failure(what);
    }
  }

  /** Fails unless the run has ended as the undisturbed one; how it got there. */
  Recovery sameEnd() throws IOException {
    return lab.sameEnd(run, new Configuration());
  }
}
