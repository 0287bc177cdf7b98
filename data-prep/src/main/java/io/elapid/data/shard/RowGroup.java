package io.elapid.data.shard;

import io.elapid.data.image.ImageFormat;
import io.elapid.data.target.ClassTarget;
import io.elapid.data.target.LabelMapTarget;
import io.elapid.data.target.Target;
import io.elapid.data.target.TargetKind;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.parquet.example.data.Group;

/**
 * A row group in memory, its checksums verified.
 *
 * <p>It lies in the {@link ReadBuffer} of the shard, valid until another row group is read into
 * that. Samples have memory of their own.
 */
public final class RowGroup {
  private static final byte[] NOT_READ = {};

  private final TargetKind kind;
  private final int rows;
  private final PlainColumns columns;
  private final List<Group> annotations;

  /** {@code annotations}: of each row, empty where there are no objects. */
  RowGroup(TargetKind kind, int rows, PlainColumns columns, List<Group> annotations) {
    this.kind = kind;
    this.rows = rows;
    this.columns = columns;
    this.annotations = annotations;
  }

  public int rows() {
    return rows;
  }

  /** The picture's file, not copied. */
  public ByteBuffer image(int row) {
    return columns.of(SampleSchema.IMAGE).view(row);
  }

  /** A row, in memory of its own. */
  public Sample sample(int row) {
    return new Sample(
        columns.of(SampleSchema.ID).text(row),
        file(SampleSchema.IMAGE, row),
        columns.of(SampleSchema.WIDTH).number(row),
        columns.of(SampleSchema.HEIGHT).number(row),
        ImageFormat.valueOf(columns.of(SampleSchema.FORMAT).text(row)),
        columns.of(SampleSchema.SOURCE).text(row),
        target(row));
  }

  private Target target(int row) {
    return switch (kind) {
      case CLASSIFICATION -> new ClassTarget(columns.of(SampleSchema.LABEL).number(row));
      case SEGMENTATION ->
          new LabelMapTarget(
              file(SampleSchema.LABEL_MAP, row), columns.of(SampleSchema.SCENE).text(row));
      case DETECTION ->
          SampleRows.objects(
              columns.of(SampleSchema.IMAGE_ID).longNumber(row),
              columns.of(SampleSchema.ORIENTATION).number(row),
              annotations.get(row));
    };
  }

  private byte[] file(String name, int row) {
    PlainColumn column = columns.of(name);
    return column == null ? NOT_READ : column.copy(row);
  }
}
