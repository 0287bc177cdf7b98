package io.elapid.data.shard;

import io.elapid.data.image.UnreadableImageException;
import io.elapid.data.source.Listed;
import io.elapid.data.source.ListedProblem;
import io.elapid.data.source.SampleRef;
import io.elapid.data.target.LabelMapTarget;
import io.elapid.data.target.TargetKind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** Reads listed samples and writes them, in the given order, into one shard. */
public final class ShardWriter {
  private final ShardSettings settings;
  private final RowGroupWriter writer;
  private final SampleReader reader;
  private final List<SampleIssue> quarantined = new ArrayList<>();
  private final List<SampleIssue> remarks = new ArrayList<>();
  private long rows;
  private int groupRows;
  private long groupBytes;

  /** Asked before a file that is whole gets its name; throws if it must not. */
  @FunctionalInterface
  public interface Gate {
    void check() throws IOException;
  }

  private ShardWriter(ShardSettings settings, RowGroupWriter writer, SampleReader reader) {
    this.settings = settings;
    this.writer = writer;
    this.reader = reader;
  }

  /**
   * Writes a shard. The same samples and settings give the same bytes, on any file system. The file
   * appears under its name only when it is whole, and replaces what another attempt of the same
   * task may have left there.
   *
   * @param finalFile ROOT/split/name; the split's folder is made if it is missing
   * @param kind of the samples' targets
   * @param listed with what belongs to the same sample one after the other
   * @return what was written and what was not: unreadable files are set aside with their reason
   * @throws IOException when the storage fails; nothing is left behind
   */
  public static ShardSummary write(
      Configuration conf,
      Path finalFile,
      TargetKind kind,
      Iterator<? extends Listed> listed,
      ShardSettings settings)
      throws IOException {
    return write(conf, finalFile, kind, listed, settings, () -> {});
  }

  /** The same for a writer that may lose its right to the folder meanwhile. */
  public static ShardSummary write(
      Configuration conf,
      Path finalFile,
      TargetKind kind,
      Iterator<? extends Listed> listed,
      ShardSettings settings,
      Gate gate)
      throws IOException {
    ShardSummary[] summary = new ShardSummary[1];
    AtomicFile.write(
        conf,
        finalFile,
        temporary -> {
          summary[0] = write(conf, finalFile, temporary, kind, listed, settings);
          gate.check();
        });
    return summary[0];
  }

  private static ShardSummary write(
      Configuration conf,
      Path finalFile,
      Path temporary,
      TargetKind kind,
      Iterator<? extends Listed> listed,
      ShardSettings settings)
      throws IOException {
    try (HashingOutputFile out = new HashingOutputFile(conf, temporary);
        SampleBytes source = new SampleBytes(conf);
        RowGroupWriter rows = new RowGroupWriter(conf, out, SampleSchema.of(kind))) {
      SampleReader reader = new SampleReader(source, settings.check());
      ShardWriter writer = new ShardWriter(settings, rows, reader);
      SampleGroups groups = new SampleGroups(listed);
      while (groups.hasNext()) {
        writer.add(groups.next());
      }
      List<Integer> rowGroupRows = rows.finish(Map.of());
      return new ShardSummary(
          finalFile.getParent().getName() + "/" + finalFile.getName(),
          writer.rows,
          out.length(),
          out.sha256(),
          rowGroupRows,
          writer.quarantined,
          writer.remarks);
    }
  }

  private void add(SampleGroups.Group group) throws IOException {
    for (ListedProblem problem : group.problems()) {
      remarks.add(
          new SampleIssue(problem.id(), problem.split(), problem.source(), problem.reason()));
    }
    if (group.pictures().isEmpty()) {
      addWithoutPicture(group);
      return;
    }
    SampleRef ref = group.pictures().get(0);
    String origin = SampleReader.origin(ref);
    if (group.pictures().size() > 1) {
      remark(ref, "the picture is listed " + group.pictures().size() + " times");
    }
    try {
      write(reader.read(ref, group.annotations(), remark -> remark(ref, remark)));
    } catch (SampleBytes.UnusableException | UnreadableImageException e) {
      quarantined.add(new SampleIssue(ref.id(), ref.split(), origin, e.getMessage()));
    }
  }

  private void addWithoutPicture(SampleGroups.Group group) {
    if (!group.annotations().isEmpty()) {
      remarks.add(
          new SampleIssue(
              group.id(),
              group.split(),
              group.annotations().get(0).source(),
              group.annotations().size() + " annotations of a picture that is not listed"));
    }
  }

  private void remark(SampleRef ref, String remark) {
    remarks.add(new SampleIssue(ref.id(), ref.split(), SampleReader.origin(ref), remark));
  }

  private void write(Sample sample) throws IOException {
    writer.row(row -> SampleRows.write(sample, row));
    rows++;
    groupRows++;
    groupBytes += sample.image().length;
    if (sample.target() instanceof LabelMapTarget labels) {
      groupBytes += labels.png().length;
    }
    if (groupRows >= settings.rowGroupRows() || groupBytes >= settings.rowGroupBytes()) {
      writer.endRowGroup();
      groupRows = 0;
      groupBytes = 0;
    }
  }
}
