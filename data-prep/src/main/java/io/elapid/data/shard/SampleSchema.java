package io.elapid.data.shard;

import static org.apache.parquet.schema.LogicalTypeAnnotation.stringType;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.BINARY;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.INT32;

import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Types;

/** The columns of a shard and of the quarantine table; all of them required. */
final class SampleSchema {
  static final int ID = 0;
  static final int IMAGE = 1;
  static final int LABEL = 2;
  static final int WIDTH = 3;
  static final int HEIGHT = 4;
  static final int FORMAT = 5;
  static final int SOURCE = 6;

  static final MessageType SAMPLES =
      Types.buildMessage()
          .required(BINARY)
          .as(stringType())
          .named("id")
          .required(BINARY)
          .named("image")
          .required(INT32)
          .named("label")
          .required(INT32)
          .named("width")
          .required(INT32)
          .named("height")
          .required(BINARY)
          .as(stringType())
          .named("format")
          .required(BINARY)
          .as(stringType())
          .named("source")
          .named("sample");

  static final MessageType QUARANTINE =
      Types.buildMessage()
          .required(BINARY)
          .as(stringType())
          .named("id")
          .required(BINARY)
          .as(stringType())
          .named("split")
          .required(BINARY)
          .as(stringType())
          .named("source")
          .required(BINARY)
          .as(stringType())
          .named("reason")
          .named("quarantined");

  private SampleSchema() {}
}
