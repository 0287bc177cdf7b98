package io.elapid.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.util.Utils;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import scala.collection.JavaConverters;

/** What the launcher of a distribution hands to spark-submit, which here only repeats it. */
final class LauncherScriptTest {
  private static final String SAY = "#!/bin/sh\nlocale charmap\nprintf '%s\\n' \"$@\"\n";
  private static final String OPTIONS = "spark.driver.defaultJavaOptions=";

  @TempDir Path folder;
  private Path home;
  private Path spark;

  @BeforeEach
  void unpack() throws IOException {
    home = Files.createDirectories(folder.resolve("my tools/elapid"));
    Files.createDirectories(home.resolve("lib"));
    Files.createFile(home.resolve("lib/one.jar"));
    Files.createFile(home.resolve("elapid-spark-0.1.0.jar"));
    Files.copy(Path.of("../elapid"), home.resolve("elapid"));
    spark = Files.createDirectories(folder.resolve("spark"));
    Files.createFile(
        Files.createDirectories(spark.resolve("jars")).resolve("spark-core_2.12-3.5.0.jar"));
    Path submit = Files.createDirectories(spark.resolve("bin")).resolve("spark-submit");
    Files.writeString(submit, SAY);
    assertThat(submit.toFile().setExecutable(true)).isTrue();
  }

  @Test
  void aFolderWithSpacesStaysOneWordOfJavasOptions() throws Exception {
    List<String> words = handedOn("verify", "data");

    String options =
        words.stream().filter(word -> word.startsWith(OPTIONS)).findFirst().orElseThrow();
    assertThat(
            JavaConverters.seqAsJavaList(
                Utils.splitCommandString(options.substring(OPTIONS.length()))))
        .contains("-Dlog4j2.configurationFile=" + home.toRealPath() + "/conf/log4j2.properties");
  }

  @Test
  void lettersBeyondAsciiAreReadWithoutALocaleToo() throws Exception {
    assertThat(handedOn("verify", "data")).first().isEqualTo("UTF-8");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--master=local[2]", "--verbose", "-v", "--supervise"})
  void optionsThatAreOneWordLeaveTheCommandAlone(String option) throws Exception {
    List<String> words = handedOn(option, "verify", "data");

    assertThat(words.subList(words.indexOf(jar()) + 1, words.size()))
        .containsExactly("verify", "data");
  }

  @Test
  void settingsAsOneWordAreSettings() throws Exception {
    List<String> words = handedOn("--conf=" + OPTIONS + "-Xmx3g", "verify", "data");

    assertThat(words.stream().filter(word -> word.startsWith(OPTIONS)))
        .containsExactly(OPTIONS + "-Xmx3g");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--jars more.jar", "--jars=more.jar"})
  void jarsOfTheUserComeBesideOnesOwn(String option) throws Exception {
    List<String> words = new ArrayList<>(Arrays.asList(option.split(" ")));
    words.addAll(List.of("verify", "data"));

    List<String> handed = handedOn(words.toArray(String[]::new));

    // of several lists spark-submit takes the last one
    List<String> jars = List.of(handed.get(handed.lastIndexOf("--jars") + 1).split(","));
    assertThat(jars).containsExactlyInAnyOrder(home.toRealPath() + "/lib/one.jar", "more.jar");
  }

  private String jar() throws IOException {
    return home.toRealPath().resolve("elapid-spark-0.1.0.jar").toString();
  }

  private List<String> handedOn(String... words) throws Exception {
    List<String> command = new ArrayList<>(List.of("bash", home.resolve("elapid").toString()));
    command.addAll(List.of(words));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("SPARK_HOME", spark.toString());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("LC_ALL", "C");
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said.lines().toList();
  }
}
