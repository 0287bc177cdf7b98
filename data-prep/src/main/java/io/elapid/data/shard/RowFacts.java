package io.elapid.data.shard;

import io.elapid.data.image.Size;
import io.elapid.data.target.ObjectTarget;
import io.elapid.data.target.TargetKind;
import java.io.IOException;
import java.util.BitSet;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.HadoopReadOptions;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.MessageType;

/**
 * What has to be known of all rows of a shard before one is decoded: sizes, and which are trained
 * on. Only the columns that tell are read, a few bytes of each row.
 */
public final class RowFacts {
  private final int[] widths;
  private final int[] heights;
  private final BitSet trainedOn = new BitSet();

  private RowFacts(int rows) {
    this.widths = new int[rows];
    this.heights = new int[rows];
  }

  /**
   * Reads the facts of a shard.
   *
   * @throws IOException if it cannot be read or is no shard of that kind
   */
  public static RowFacts read(Configuration conf, Path file, TargetKind kind) throws IOException {
    MessageType columns = columns(kind);
    try (ParquetFileReader reader =
        ParquetFileReader.open(
            HadoopInputFile.fromPath(file, conf),
            HadoopReadOptions.builder(conf).usePageChecksumVerification().build())) {
      reader.setRequestedSchema(columns);
      RowFacts facts = new RowFacts(Math.toIntExact(reader.getRecordCount()));
      int row = 0;
      for (PageReadStore group = reader.readNextRowGroup();
          group != null;
          group = reader.readNextRowGroup()) {
        RecordReader<Group> records =
            new ColumnIOFactory()
                .getColumnIO(columns)
                .getRecordReader(group, new GroupRecordConverter(columns));
        for (long i = 0; i < group.getRowCount(); i++) {
          facts.set(row++, records.read(), kind);
        }
      }
      return facts;
    } catch (RuntimeException e) {
      // Parquet says of a damaged file what its parser stumbled over.
      throw new IOException(file + " is not a readable shard: " + e.getMessage(), e);
    }
  }

  private static MessageType columns(TargetKind kind) {
    MessageType all = SampleSchema.of(kind);
    MessageType sizes =
        new MessageType(
            all.getName(), all.getType(SampleSchema.WIDTH), all.getType(SampleSchema.HEIGHT));
    if (kind != TargetKind.DETECTION) {
      return sizes;
    }
    GroupType annotations = all.getType(SampleSchema.ANNOTATIONS).asGroupType();
    GroupType list = annotations.getType(SampleSchema.LIST).asGroupType();
    GroupType element = list.getType(SampleSchema.ELEMENT).asGroupType();
    GroupType labels =
        annotations.withNewFields(
            list.withNewFields(element.withNewFields(element.getType(SampleSchema.LABEL))));
    return new MessageType(
        all.getName(),
        sizes.getType(SampleSchema.WIDTH),
        sizes.getType(SampleSchema.HEIGHT),
        labels);
  }

  private void set(int row, Group values, TargetKind kind) {
    widths[row] = values.getInteger(SampleSchema.WIDTH, 0);
    heights[row] = values.getInteger(SampleSchema.HEIGHT, 0);
    if (kind != TargetKind.DETECTION
        || ObjectTarget.isTrainedOn(widths[row], heights[row], labels(values))) {
      trainedOn.set(row);
    }
  }

  private static IntStream labels(Group values) {
    Group list = values.getGroup(SampleSchema.ANNOTATIONS, 0);
    return IntStream.range(0, list.getFieldRepetitionCount(SampleSchema.LIST))
        .map(
            i ->
                list.getGroup(SampleSchema.LIST, i)
                    .getGroup(SampleSchema.ELEMENT, 0)
                    .getInteger(SampleSchema.LABEL, 0));
  }

  public int rows() {
    return widths.length;
  }

  /** Of the picture as its target sees it: upright where objects are annotated. */
  public Size size(int row) {
    return new Size(widths[row], heights[row]);
  }

  /** Whether training shows it. */
  public boolean isTrainedOn(int row) {
    return trainedOn.get(row);
  }
}
