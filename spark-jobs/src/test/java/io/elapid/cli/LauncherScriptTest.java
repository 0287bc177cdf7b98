package io.elapid.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
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
    assertThat(jars(Arrays.asList(option.split(" "))))
        .containsExactlyInAnyOrder(ownJar(), "more.jar");
  }

  /** With --jars, which has one's own, spark-submit looks at no setting. */
  @Test
  void jarsOfASettingComeBesideOnesOwnToo() throws Exception {
    Path file = Files.writeString(folder.resolve("my.conf"), "#\n spark.jars   a.jar,b.jar \n");
    List<String> inFile = List.of("--properties-file", file.toString());
    assertThat(jars(inFile)).containsExactlyInAnyOrder(ownJar(), "a.jar", "b.jar");
    List<String> more = new ArrayList<>(inFile);
    more.addAll(List.of("--conf", "spark.jars=c.jar"));
    assertThat(jars(more)).containsExactlyInAnyOrder(ownJar(), "c.jar");
    more.add("--jars=d.jar");
    assertThat(jars(more)).containsExactlyInAnyOrder(ownJar(), "d.jar");
    Files.move(file, Files.createDirectory(spark.resolve("conf")).resolve("spark-defaults.conf"));
    assertThat(jars(List.of())).containsExactlyInAnyOrder(ownJar(), "a.jar", "b.jar");
  }

  /** Those that spark-submit takes: of several lists the last one. */
  private List<String> jars(List<String> options) throws Exception {
    List<String> words = new ArrayList<>(options);
    words.addAll(List.of("verify", "data"));
    List<String> handed = handedOn(words.toArray(String[]::new));
    return List.of(handed.get(handed.lastIndexOf("--jars") + 1).split(","));
  }

  private String ownJar() throws IOException {
    return home.toRealPath() + "/lib/one.jar";
  }

  @ParameterizedTest
  @ValueSource(strings = {"2.8g", "lots", "-5m", "4 gigabytes"})
  void memoryThatIsNoNumberOfBytesIsRefused(String memory) throws Exception {
    Process process = started(Map.of("ELAPID_PROCESS_MEMORY", memory), "verify", "data");

    assertThat(said(process))
        .isEqualTo(
            "elapid: ELAPID_PROCESS_MEMORY is '%s': set it to a whole number and its unit, such as 2800m or 4g\n",
            memory);
    assertThat(process.waitFor()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"4g", "800MB", "3000000000", "50%"})
  void memoryIsHandedOn(String memory) throws Exception {
    Process process = started(Map.of("ELAPID_PROCESS_MEMORY", memory), "verify", "data");

    assertThat(said(process)).contains("maxphysicalbytes=" + memory);
    assertThat(process.waitFor()).isZero();
  }

  private String jar() throws IOException {
    return home.toRealPath().resolve("elapid-spark-0.1.0.jar").toString();
  }

  private List<String> handedOn(String... words) throws Exception {
    Process process = started(Map.of(), words);
    String said = said(process);
    assertThat(process.waitFor()).as(said).isZero();
    return said.lines().toList();
  }

  private static String said(Process process) throws IOException {
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  private Process started(Map<String, String> variables, String... words) throws IOException {
    List<String> command = new ArrayList<>(List.of("bash", home.resolve("elapid").toString()));
    command.addAll(List.of(words));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("SPARK_HOME", spark.toString());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("LC_ALL", "C");
    builder.environment().putAll(variables);
    return builder.start();
  }
}
