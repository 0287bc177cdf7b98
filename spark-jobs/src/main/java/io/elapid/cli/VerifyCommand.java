package io.elapid.cli;

import io.elapid.job.Session;
import io.elapid.job.VerifyJob;
import java.util.concurrent.Callable;
import org.apache.hadoop.fs.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = {
      "Checks a prepared data set against its manifest: files, lengths, SHA-256, columns, row groups, counts, and that",
      "every picture and label can be decoded."
    },
    footer = {"", "Example: elapid verify hdfs:///data/imagenet"},
    exitCodeList = {"0:nothing is wrong", "1:it could not be checked", "2:something is wrong"})
final class VerifyCommand implements Callable<Integer> {
  @Parameters(paramLabel = "DATASET", description = "what prepare wrote, any Hadoop path")
  private String dataset;

  @Override
  public Integer call() throws Exception {
    try (Session session = Session.open("verify")) {
      new VerifyJob(session, System.out).run(new Path(dataset));
    }
    return 0;
  }
}
