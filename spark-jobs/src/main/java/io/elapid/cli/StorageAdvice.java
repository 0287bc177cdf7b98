package io.elapid.cli;

import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What helps when a storage refuses or does not answer. Told by the words of Hadoop and of the
 * system, since Spark hands on what a task has thrown as text.
 */
enum StorageAdvice {
  PERMISSION(
      "\\bPermission denied\\b",
      "give the user that the message names, or that runs Spark's processes, the right to do so"
          + " (hdfs dfs -chown, -chmod, -setfacl), or choose another folder"),
  SAFE_MODE(
      "\\bin safe mode\\b",
      "wait until the NameNode has left it (hdfs dfsadmin -safemode wait), then submit the same"
          + " command again"),
  QUOTA(
      "(?i)\\bquota\\b.* is exceeded",
      "delete what is not needed there or have the quota raised (hdfs dfs -count -q shows it), then"
          + " submit the same command again"),
  FULL_DISK(
      "\\bNo space left on device\\b|\\bDisk quota exceeded\\b",
      "make room on that disk, or name another one: spark.local.dir for what Spark keeps,"
          + " -Djava.io.tmpdir for other temporary files; then submit the same command again"),
  NO_ANSWER(
      "failed on (connection|socket timeout) exception",
      "see that the service at that address runs and that the port is right, then submit the same"
          + " command again");

  private final Pattern words;
  private final String remedy;

  StorageAdvice(String words, String remedy) {
    this.words = Pattern.compile(words);
    this.remedy = remedy;
  }

  String remedy() {
    return remedy;
  }

  /** The way out, if any of the messages of a failure and its causes is of a storage. */
  static Optional<String> of(Throwable failure) {
    for (Throwable at = failure; at != null; at = at.getCause()) {
      String message = String.valueOf(at.getMessage());
      Optional<String> found =
          Arrays.stream(values())
              .filter(advice -> advice.words.matcher(message).find())
              .map(advice -> advice.remedy)
              .findFirst();
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }
}
