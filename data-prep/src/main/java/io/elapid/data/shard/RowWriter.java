package io.elapid.data.shard;

import java.util.function.Consumer;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.GroupType;

/** Writes the fields of one group by their names; Parquet wants names and indices, in pairs. */
final class RowWriter {
  private final RecordConsumer out;
  private final GroupType type;

  RowWriter(RecordConsumer out, GroupType type) {
    this.out = out;
    this.type = type;
  }

  void text(String name, String value) {
    field(name, () -> out.addBinary(Binary.fromString(value)));
  }

  void bytes(String name, byte[] value) {
    field(name, () -> out.addBinary(Binary.fromConstantByteArray(value)));
  }

  void number(String name, int value) {
    field(name, () -> out.addInteger(value));
  }

  void number(String name, long value) {
    field(name, () -> out.addLong(value));
  }

  void number(String name, double value) {
    field(name, () -> out.addDouble(value));
  }

  void truth(String name, boolean value) {
    field(name, () -> out.addBoolean(value));
  }

  void group(String name, Consumer<RowWriter> fields) {
    field(name, () -> inner(type.getType(name).asGroupType(), fields));
  }

  /** A list of {@code size} elements; {@code element} writes the one of an index. */
  void groups(String name, int size, ElementWriter element) {
    list(
        name,
        size,
        (list, i) -> list.group(SampleSchema.ELEMENT, fields -> element.write(fields, i)));
  }

  void numbers(String name, int[] values) {
    list(name, values.length, (list, i) -> list.number(SampleSchema.ELEMENT, values[i]));
  }

  void numbers(String name, double[] values) {
    list(name, values.length, (list, i) -> list.number(SampleSchema.ELEMENT, values[i]));
  }

  /** A list of anything; {@code element} writes the field "element" of the one of an index. */
  void list(String name, int size, ElementWriter element) {
    GroupType list = type.getType(name).asGroupType();
    GroupType repeated = list.getType(SampleSchema.LIST).asGroupType();
    group(
        name,
        outer -> {
          if (size > 0) {
            outer.field(
                SampleSchema.LIST,
                () -> {
                  for (int i = 0; i < size; i++) {
                    int index = i;
                    inner(repeated, fields -> element.write(fields, index));
                  }
                });
          }
        });
  }

  private void inner(GroupType group, Consumer<RowWriter> fields) {
    out.startGroup();
    fields.accept(new RowWriter(out, group));
    out.endGroup();
  }

  private void field(String name, Runnable value) {
    int index = type.getFieldIndex(name);
    out.startField(name, index);
    value.run();
    out.endField(name, index);
  }

  /** Writes one element of a list. */
  @FunctionalInterface
  interface ElementWriter {
    void write(RowWriter out, int index);
  }
}
