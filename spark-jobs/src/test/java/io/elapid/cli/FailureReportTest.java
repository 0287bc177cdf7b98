package io.elapid.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.elapid.data.InputException;
import io.elapid.kernel.AcceleratorException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.security.AccessControlException;
import org.apache.spark.SparkException;
import org.junit.jupiter.api.Test;

/** Two lines and an exit code, whatever has been thrown. */
class FailureReportTest {
  private int exit;

  private List<String> lines(Throwable failure) {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    exit = FailureReport.print(failure, new PrintStream(said, true, UTF_8));
    List<String> lines = said.toString(UTF_8).lines().toList();
    assertThat(lines).hasSize(2);
    assertThat(lines.get(0)).startsWith("elapid: ");
    assertThat(lines.get(1)).startsWith("   fix: ");
    return lines;
  }

  @Test
  void aMistakeThatATaskFoundIsTheUsersWhereverItIsCarried() {
    InputException mistake = new InputException("x.jpg: no picture", "name another");
    assertThat(lines(new IllegalStateException(mistake)))
        .containsExactly("elapid: x.jpg: no picture", "   fix: name another");
    assertThat(lines(new SparkException("Job aborted: Lost task 0: " + mistake + "\n\tat x")))
        .containsExactly("elapid: x.jpg: no picture", "   fix: name another");
    assertThat(exit).isEqualTo(FailureReport.BAD_INPUT);
  }

  @Test
  void ofTroubleWithFilesTheOutermostIsToldWhichNamesThem() {
    IOException outer =
        new IOException("hdfs://a:1/x.jpg cannot be read", new ConnectException("refused"));
    assertThat(lines(new IllegalStateException(new UncheckedIOException(outer))).get(0))
        .isEqualTo("elapid: IOException: hdfs://a:1/x.jpg cannot be read");
    assertThat(exit).isEqualTo(FailureReport.RUN_FAILED);
  }

  @Test
  void ofTroubleWithADeviceTheOutermostIsToldWhichNamesTheOperation() {
    String said = "cuLaunchKernel: CUDA_ERROR_ILLEGAL_ADDRESS (700)";
    AcceleratorException outer =
        new AcceleratorException("linear on GPU-1: " + said, new AcceleratorException(said));
    assertThat(lines(new IllegalStateException("a step failed", outer)).get(0))
        .isEqualTo("elapid: AcceleratorException: linear on GPU-1: " + said);
    assertThat(exit).isEqualTo(FailureReport.RUN_FAILED);
    AcceleratorException full =
        new AcceleratorException("linear on GPU-1: full", new AcceleratorException("full", true));
    assertThat(lines(new IllegalStateException("a step failed", full)).get(0))
        .isEqualTo("elapid: out of memory: AcceleratorException: linear on GPU-1: full");
    assertThat(exit).isEqualTo(FailureReport.BAD_INPUT);
  }

  @Test
  void memoryThatRanOutIsToldWithWhatToRaise() {
    assertThat(lines(new OutOfMemoryError("Java heap space")))
        .satisfies(said -> assertThat(said.get(0)).contains("out of memory"))
        .satisfies(said -> assertThat(said.get(1)).contains("--executor-memory"));
    assertThat(exit).isEqualTo(FailureReport.BAD_INPUT);
    for (String code : List.of("code 52", "code 137")) {
      assertThat(
              lines(new SparkException("ExecutorLostFailure: Command exited with " + code)).get(1))
          .contains("spark.executor.memoryOverhead");
    }
    assertThat(lines(new SparkException("Command exited with code 1")).get(1))
        .contains("ELAPID_STACKTRACE");
  }

  @Test
  void aPathWithoutALetterIsTakenForAVariableThatIsNotSet() {
    assertThat(lines(assertThrows(IllegalArgumentException.class, () -> new Path("").getName())))
        .containsExactly(
            "elapid: a path is empty", "   fix: see that the variables in the command are set");
    assertThat(exit).isEqualTo(FailureReport.BAD_INPUT);
  }

  @Test
  void aNameWithAColonIsToldHowToBeWrittenAsAPath() {
    assertThat(lines(assertThrows(Exception.class, () -> new Path("party 12:30.jpg"))))
        .satisfies(said -> assertThat(said.get(0)).startsWith("elapid: 'party 12:30.jpg' is no"))
        .satisfies(said -> assertThat(said.get(1)).contains("write ./"));
    assertThat(exit).isEqualTo(FailureReport.BAD_INPUT);
    assertThat(new Path("./party 12:30.jpg").toUri().getPath()).endsWith("party 12:30.jpg");
  }

  @Test
  void aStorageThatRefusesIsToldWithWhatToDoThere() {
    assertThat(
            lines(new AccessControlException("Permission denied: user=bob, access=WRITE, inode=/")))
        .containsExactly(
            "elapid: AccessControlException: Permission denied: user=bob, access=WRITE, inode=/",
            "   fix: " + StorageAdvice.PERMISSION.remedy());
    assertThat(fix(new IOException("Cannot create directory /out. Name node is in safe mode.")))
        .contains("hdfs dfsadmin -safemode wait");
    for (String quota :
        List.of(
            "The DiskSpace quota of /q is exceeded: quota = 9 B but diskspace consumed = 10 B",
            "The NameSpace quota (directories and files) of directory /q is exceeded: quota=1",
            "Quota by storage type : DISK on path : /q is exceeded. quota : 9 B")) {
      assertThat(fix(new IllegalStateException(new IOException(quota)))).contains("-count -q");
    }
    assertThat(fix(new IOException("Call From a to b:1 failed on connection exception: refused")))
        .contains("the service at that address");
    assertThat(exit).isEqualTo(FailureReport.RUN_FAILED);
  }

  @Test
  void aFullDiskIsToldThoughOnlySparksTextKnowsOfIt() {
    String lost = "Job aborted: Lost task 0\njava.io.IOException: No space left on device\n\tat x";
    assertThat(fix(new SparkException(lost))).contains("spark.local.dir");
  }

  private String fix(Throwable failure) {
    return lines(failure).get(1);
  }

  @Test
  void aKindOfPathThatNobodyKnowsLacksALibrary() {
    ClassNotFoundException missing =
        new ClassNotFoundException("Class org.apache.hadoop.fs.s3a.S3AFileSystem not found");
    assertThat(lines(new IllegalStateException(missing)).get(1)).contains("hadoop-aws");
  }
}
