package io.elapid.checkpoint;

import io.elapid.data.InputException;
import java.io.IOException;
import java.io.Serializable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * What a writer of a run looks at before it publishes anything: whether the {@link Lease} that it
 * works under is still the newest. Travels to wherever the writing is done.
 *
 * @param folder where the leases of the run are
 * @param epoch number of the lease
 */
public record Fence(String folder, long epoch) implements Serializable {

  /**
   * Returns if no one has taken the run over.
   *
   * @throws InputException naming who has; or if the folder is gone
   * @throws IOException if the file system cannot say
   */
  public void check(Configuration conf) throws IOException {
    Path path = new Path(folder);
    LeaseFiles files = new LeaseFiles(path.getFileSystem(conf), path);
    long newest = files.newest();
    if (newest < epoch) {
      throw new InputException(
          "%s was moved or deleted while this run wrote into it: nothing more is written here"
              .formatted(path.getParent()),
          "submit again with the place where it is now, or another output folder");
    }
    if (newest > epoch) {
      String taker = files.owner(newest).map(LeaseOwner::toString).orElse("someone else");
      throw new InputException(
          "this run was taken over by %s: nothing more is written here".formatted(taker),
          "let the other one go on; to have it back, stop that one and submit again");
    }
  }
}
