package io.elapid.data.shard;

import io.elapid.data.image.Orientation;
import io.elapid.data.target.ClassTarget;
import io.elapid.data.target.LabelMapTarget;
import io.elapid.data.target.ObjectAnnotation;
import io.elapid.data.target.ObjectAnnotation.Extent;
import io.elapid.data.target.ObjectTarget;
import io.elapid.data.target.Segmentation;
import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.example.data.Group;

/** Samples to rows, and what is nested in them back. */
final class SampleRows {
  private SampleRows() {}

  static void write(Sample sample, RowWriter row) {
    row.text(SampleSchema.ID, sample.id());
    row.bytes(SampleSchema.IMAGE, sample.image());
    if (sample.target() instanceof ClassTarget target) {
      row.number(SampleSchema.LABEL, target.label());
    } else if (sample.target() instanceof LabelMapTarget target) {
      row.bytes(SampleSchema.LABEL_MAP, target.png());
    }
    row.number(SampleSchema.WIDTH, sample.width());
    row.number(SampleSchema.HEIGHT, sample.height());
    row.text(SampleSchema.FORMAT, sample.format().name());
    if (sample.target() instanceof LabelMapTarget target) {
      row.text(SampleSchema.SCENE, target.scene());
    }
    row.text(SampleSchema.SOURCE, sample.source());
    if (sample.target() instanceof ObjectTarget target) {
      row.number(SampleSchema.IMAGE_ID, target.imageId());
      row.number(SampleSchema.ORIENTATION, target.orientation().exif());
      List<ObjectAnnotation> all = target.annotations();
      row.groups(SampleSchema.ANNOTATIONS, all.size(), (out, i) -> write(all.get(i), out));
    }
  }

  private static void write(ObjectAnnotation annotation, RowWriter out) {
    out.number(SampleSchema.ID, annotation.id());
    out.number(SampleSchema.CATEGORY, annotation.categoryId());
    out.number(SampleSchema.LABEL, annotation.label());
    out.group(
        SampleSchema.BOX,
        box -> {
          box.number("x", annotation.x());
          box.number("y", annotation.y());
          box.number(SampleSchema.WIDTH, annotation.width());
          box.number(SampleSchema.HEIGHT, annotation.height());
        });
    out.number(SampleSchema.AREA, annotation.area());
    out.truth(SampleSchema.CROWD, annotation.crowd() == Extent.CROWD);
    if (annotation.segmentation() instanceof Segmentation.Polygons polygons) {
      List<double[]> rings = polygons.rings();
      out.list(
          SampleSchema.POLYGONS,
          rings.size(),
          (ring, i) -> ring.numbers(SampleSchema.ELEMENT, rings.get(i)));
    } else if (annotation.segmentation() instanceof Segmentation.RunLength runs) {
      out.group(
          SampleSchema.RUN_LENGTH,
          mask -> {
            mask.number(SampleSchema.WIDTH, runs.width());
            mask.number(SampleSchema.HEIGHT, runs.height());
            mask.numbers(SampleSchema.COUNTS, runs.counts());
          });
    }
  }

  /**
   * The objects in a picture.
   *
   * @param row of the nested columns
   */
  static ObjectTarget objects(long imageId, int exif, Group row) {
    List<ObjectAnnotation> annotations = new ArrayList<>();
    Group list = row.getGroup(SampleSchema.ANNOTATIONS, 0);
    for (int i = 0; i < size(list); i++) {
      annotations.add(annotation(element(list, i)));
    }
    return new ObjectTarget(imageId, Orientation.ofExif(exif), annotations);
  }

  private static ObjectAnnotation annotation(Group group) {
    Group box = group.getGroup(SampleSchema.BOX, 0);
    return new ObjectAnnotation(
        group.getLong(SampleSchema.ID, 0),
        group.getInteger(SampleSchema.CATEGORY, 0),
        group.getInteger(SampleSchema.LABEL, 0),
        box.getDouble("x", 0),
        box.getDouble("y", 0),
        box.getDouble(SampleSchema.WIDTH, 0),
        box.getDouble(SampleSchema.HEIGHT, 0),
        group.getDouble(SampleSchema.AREA, 0),
        group.getBoolean(SampleSchema.CROWD, 0) ? Extent.CROWD : Extent.OBJECT,
        segmentation(group));
  }

  private static Segmentation segmentation(Group group) {
    if (group.getFieldRepetitionCount(SampleSchema.POLYGONS) > 0) {
      Group list = group.getGroup(SampleSchema.POLYGONS, 0);
      List<double[]> rings = new ArrayList<>();
      for (int i = 0; i < size(list); i++) {
        Group ring = element(list, i);
        double[] points = new double[size(ring)];
        for (int k = 0; k < points.length; k++) {
          points[k] = ring.getGroup(SampleSchema.LIST, k).getDouble(SampleSchema.ELEMENT, 0);
        }
        rings.add(points);
      }
      return new Segmentation.Polygons(rings);
    }
    if (group.getFieldRepetitionCount(SampleSchema.RUN_LENGTH) > 0) {
      Group mask = group.getGroup(SampleSchema.RUN_LENGTH, 0);
      Group list = mask.getGroup(SampleSchema.COUNTS, 0);
      int[] counts = new int[size(list)];
      for (int i = 0; i < counts.length; i++) {
        counts[i] = list.getGroup(SampleSchema.LIST, i).getInteger(SampleSchema.ELEMENT, 0);
      }
      return new Segmentation.RunLength(
          mask.getInteger(SampleSchema.WIDTH, 0), mask.getInteger(SampleSchema.HEIGHT, 0), counts);
    }
    return new Segmentation.None();
  }

  private static int size(Group list) {
    return list.getFieldRepetitionCount(SampleSchema.LIST);
  }

  private static Group element(Group list, int index) {
    return list.getGroup(SampleSchema.LIST, index).getGroup(SampleSchema.ELEMENT, 0);
  }
}
