package io.elapid.backend.cuda;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A JVM of its own with the class path of the tests, and what it printed. */
record ChildJvm(int exitCode, String output) {
  private static final long SECONDS = 400;

  /**
   * Runs {@code program} to its end, or until the deadline.
   *
   * @param folder where its output goes meanwhile
   */
  static ChildJvm run(
      Path folder,
      List<String> options,
      Map<String, String> environment,
      Class<?> program,
      String... arguments)
      throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--add-modules=jdk.incubator.vector,jdk.incubator.foreign",
            "--enable-native-access=ALL-UNNAMED"));
    command.addAll(options);
    String ofSurefire = System.getProperty("surefire.test.class.path");
    String classPath = ofSurefire == null ? System.getProperty("java.class.path") : ofSurefire;
    command.addAll(List.of("-cp", classPath, program.getName()));
    command.addAll(List.of(arguments));
    Path output = Files.createTempFile(folder, "output", ".txt");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
    return new ChildJvm(process.exitValue(), Files.readString(output));
  }
}
