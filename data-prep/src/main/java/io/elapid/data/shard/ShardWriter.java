package io.elapid.data.shard;

import io.elapid.data.image.Image;
import io.elapid.data.image.ImageCodec;
import io.elapid.data.image.ImageInfo;
import io.elapid.data.image.UnreadableImageException;
import io.elapid.data.source.SampleRef;
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
  private final SampleBytes source;
  private final List<QuarantinedSample> quarantined = new ArrayList<>();
  private long rows;
  private int groupRows;
  private long groupBytes;

  private ShardWriter(ShardSettings settings, RowGroupWriter writer, SampleBytes source) {
    this.settings = settings;
    this.writer = writer;
    this.source = source;
  }

  /**
   * Writes a shard. The same samples and settings give the same bytes, on any file system. The file
   * appears under its name only when it is whole, and replaces what another attempt of the same
   * task may have left there.
   *
   * @param finalFile ROOT/split/name; the split's folder is made if it is missing
   * @return what was written and what was not: unreadable files are set aside with their reason
   * @throws IOException when the storage fails; nothing is left behind
   */
  public static ShardSummary write(
      Configuration conf, Path finalFile, Iterator<SampleRef> samples, ShardSettings settings)
      throws IOException {
    ShardSummary[] summary = new ShardSummary[1];
    AtomicFile.write(
        conf,
        finalFile,
        temporary -> summary[0] = write(conf, finalFile, temporary, samples, settings));
    return summary[0];
  }

  private static ShardSummary write(
      Configuration conf,
      Path finalFile,
      Path temporary,
      Iterator<SampleRef> samples,
      ShardSettings settings)
      throws IOException {
    try (HashingOutputFile out = new HashingOutputFile(conf, temporary);
        SampleBytes source = new SampleBytes(conf);
        RowGroupWriter rows = new RowGroupWriter(conf, out, SampleSchema.SAMPLES)) {
      ShardWriter writer = new ShardWriter(settings, rows, source);
      while (samples.hasNext()) {
        writer.add(samples.next());
      }
      List<Integer> rowGroupRows = rows.finish(Map.of());
      return new ShardSummary(
          finalFile.getParent().getName() + "/" + finalFile.getName(),
          writer.rows,
          out.length(),
          out.sha256(),
          rowGroupRows,
          writer.quarantined);
    }
  }

  private void add(SampleRef ref) throws IOException {
    String origin = ref.offset() == 0 ? ref.path() : ref.path() + "#" + ref.offset();
    try {
      byte[] bytes = source.read(ref);
      ImageInfo info = check(bytes);
      write(
          new Sample(
              ref.id(), bytes, ref.label(), info.width(), info.height(), info.format(), origin));
    } catch (SampleBytes.UnusableException | UnreadableImageException e) {
      quarantined.add(new QuarantinedSample(ref.id(), ref.split(), origin, e.getMessage()));
    }
  }

  private ImageInfo check(byte[] bytes) throws UnreadableImageException {
    ImageInfo info = ImageCodec.inspect(bytes);
    if (settings.check() == ShardSettings.Check.PIXELS) {
      Image image = ImageCodec.decode(bytes);
      return new ImageInfo(info.format(), image.width(), image.height());
    }
    return info;
  }

  private void write(Sample sample) throws IOException {
    writer.row(
        row -> {
          row.text(SampleSchema.ID, sample.id());
          row.bytes(SampleSchema.IMAGE, sample.image());
          row.number(SampleSchema.LABEL, sample.label());
          row.number(SampleSchema.WIDTH, sample.width());
          row.number(SampleSchema.HEIGHT, sample.height());
          row.text(SampleSchema.FORMAT, sample.format().name());
          row.text(SampleSchema.SOURCE, sample.source());
        });
    rows++;
    groupRows++;
    groupBytes += sample.image().length;
    if (groupRows >= settings.rowGroupRows() || groupBytes >= settings.rowGroupBytes()) {
      writer.endRowGroup();
      groupRows = 0;
      groupBytes = 0;
    }
  }
}
