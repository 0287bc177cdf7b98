package io.elapid.data.shard;

import static org.apache.parquet.schema.LogicalTypeAnnotation.stringType;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.BINARY;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.BOOLEAN;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.DOUBLE;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.INT32;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.INT64;

import io.elapid.data.target.TargetKind;
import java.util.List;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Types;

/**
 * The columns of shards and of the tables of issues. All are required but those of an object's
 * mask, which it has as polygons, as run lengths or not at all.
 */
final class SampleSchema {
  static final String ID = "id";
  static final String IMAGE = "image";
  static final String LABEL = "label";
  static final String WIDTH = "width";
  static final String HEIGHT = "height";
  static final String FORMAT = "format";
  static final String SOURCE = "source";

  static final String IMAGE_ID = "image_id";
  static final String ORIENTATION = "orientation";
  static final String ANNOTATIONS = "annotations";
  static final String CATEGORY = "category_id";
  static final String BOX = "bbox";
  static final String AREA = "area";
  static final String CROWD = "iscrowd";
  static final String POLYGONS = "polygons";
  static final String RUN_LENGTH = "rle";
  static final String COUNTS = "counts";

  static final String LABEL_MAP = "label_map";
  static final String SCENE = "scene";

  static final String SPLIT = "split";
  static final String REASON = "reason";

  /** Names of a list's inner levels, as the format's specification wants them. */
  static final String LIST = "list";

  static final String ELEMENT = "element";

  private static final MessageType CLASSIFICATION =
      new MessageType(
          "sample",
          text(ID),
          required(BINARY, IMAGE),
          required(INT32, LABEL),
          required(INT32, WIDTH),
          required(INT32, HEIGHT),
          text(FORMAT),
          text(SOURCE));

  private static final GroupType ANNOTATION =
      Types.requiredGroup()
          .addFields(
              required(INT64, ID),
              required(INT32, CATEGORY),
              required(INT32, LABEL),
              Types.requiredGroup()
                  .addFields(
                      required(DOUBLE, "x"),
                      required(DOUBLE, "y"),
                      required(DOUBLE, WIDTH),
                      required(DOUBLE, HEIGHT))
                  .named(BOX),
              required(DOUBLE, AREA),
              required(BOOLEAN, CROWD),
              Types.optionalList()
                  .element(Types.requiredList().requiredElement(DOUBLE).named(ELEMENT))
                  .named(POLYGONS),
              Types.optionalGroup()
                  .addFields(
                      required(INT32, WIDTH),
                      required(INT32, HEIGHT),
                      Types.requiredList().requiredElement(INT32).named(COUNTS))
                  .named(RUN_LENGTH))
          .named(ELEMENT);

  private static final MessageType DETECTION =
      new MessageType(
          "sample",
          text(ID),
          required(BINARY, IMAGE),
          required(INT32, WIDTH),
          required(INT32, HEIGHT),
          text(FORMAT),
          text(SOURCE),
          required(INT64, IMAGE_ID),
          required(INT32, ORIENTATION),
          Types.requiredList().element(ANNOTATION).named(ANNOTATIONS));

  /** The other columns of pictures with objects. */
  static final MessageType NESTED = new MessageType("sample", DETECTION.getType(ANNOTATIONS));

  private static final MessageType SEGMENTATION =
      new MessageType(
          "sample",
          text(ID),
          required(BINARY, IMAGE),
          required(BINARY, LABEL_MAP),
          required(INT32, WIDTH),
          required(INT32, HEIGHT),
          text(FORMAT),
          text(SCENE),
          text(SOURCE));

  static final MessageType ISSUES =
      new MessageType("issue", text(ID), text(SPLIT), text(SOURCE), text(REASON));

  private SampleSchema() {}

  static MessageType of(TargetKind kind) {
    return switch (kind) {
      case CLASSIFICATION -> CLASSIFICATION;
      case DETECTION -> DETECTION;
      case SEGMENTATION -> SEGMENTATION;
    };
  }

  /** The columns of which each row has one value, in the schema's order. */
  static List<String> plain(TargetKind kind) {
    return of(kind).getFields().stream().filter(Type::isPrimitive).map(Type::getName).toList();
  }

  /** Those of them that hold no files. */
  static List<String> withoutFiles(TargetKind kind) {
    return plain(kind).stream()
        .filter(name -> !name.equals(IMAGE) && !name.equals(LABEL_MAP))
        .toList();
  }

  private static Type required(PrimitiveTypeName type, String name) {
    return Types.required(type).named(name);
  }

  private static Type text(String name) {
    return Types.required(BINARY).as(stringType()).named(name);
  }
}
