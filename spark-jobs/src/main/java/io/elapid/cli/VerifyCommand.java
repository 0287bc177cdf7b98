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
      "Checks a prepared data set against its manifest: files, lengths, SHA-256, columns, row groups and counts;",
      "decodes every picture and label. Ends with exit code 2 if anything is wrong."
    },
    footer = {"", "Example: elapid verify hdfs:///data/imagenet"})
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
