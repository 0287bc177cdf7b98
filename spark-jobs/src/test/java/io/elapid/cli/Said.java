package io.elapid.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * What came of a command that was run in this process.
 *
 * @param exit its exit code
 * @param text all that it printed
 */
record Said(int exit, String text) {

  static Said of(String... words) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream into = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    PrintStream out = System.out;
    PrintStream err = System.err;
    System.setOut(into);
    System.setErr(into);
    try {
      int exit = Elapid.run(words);
      return new Said(exit, bytes.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }
}
