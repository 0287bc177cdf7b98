package io.elapid.spark;

import io.elapid.data.InputException;
import io.elapid.predict.Picture;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import javax.imageio.ImageIO;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * A column that holds pictures.
 *
 * @param index of the column
 * @param kind how they are stored
 */
record PictureColumn(int index, Kind kind) implements Serializable {
  /** How pictures are stored. */
  enum Kind {
    /** JPEG or PNG files. */
    ENCODED,
    /** Structs of Spark's image source: pixels, blue first. */
    PIXELS
  }

  private static final List<String> IMAGE_FIELDS = List.of("height", "width", "nChannels", "data");

  /**
   * The column of that name.
   *
   * @throws InputException if there is none, or it cannot hold pictures
   */
  static PictureColumn of(StructType schema, String name) {
    List<String> names = List.of(schema.fieldNames());
    int index = names.indexOf(name);
    if (index < 0) {
      throw new InputException(
          "there is no column %s, only %s".formatted(name, names),
          "setInputCol names the pictures");
    }
    DataType type = schema.fields()[index].dataType();
    if (type.equals(DataTypes.BinaryType)) {
      return new PictureColumn(index, Kind.ENCODED);
    }
    if (type instanceof StructType struct
        && List.of(struct.fieldNames()).containsAll(IMAGE_FIELDS)) {
      return new PictureColumn(index, Kind.PIXELS);
    }
    throw new InputException(
        "column %s is %s, which holds no pictures".formatted(name, type.catalogString()),
        "read them with spark.read.format(\"binaryFile\") or format(\"image\")");
  }

  /** The picture of a row. */
  Picture picture(Row row) {
    return new Picture() {
      @Override
      public String name() {
        return "the picture";
      }

      @Override
      public byte[] read() throws IOException {
        if (row.isNullAt(index)) {
          throw new IOException("there is no picture");
        }
        return kind == Kind.ENCODED ? (byte[]) row.get(index) : encoded(row.getStruct(index));
      }
    };
  }

  /** Bytes that the picture of a row takes there. */
  long bytes(Row row) {
    if (row.isNullAt(index)) {
      return 0;
    }
    byte[] data = kind == Kind.ENCODED ? row.getAs(index) : row.getStruct(index).getAs("data");
    return data == null ? 0 : data.length;
  }

  /** As a PNG, which loses nothing. */
  private static byte[] encoded(Row image) throws IOException {
    for (String field : IMAGE_FIELDS) {
      if (image.getAs(field) == null) {
        throw new IOException("there is no picture: %s is null".formatted(field));
      }
    }
    int height = image.<Integer>getAs("height");
    int width = image.<Integer>getAs("width");
    int channels = image.<Integer>getAs("nChannels");
    byte[] data = image.getAs("data");
    if (height < 1 || width < 1 || (channels != 1 && channels != 3 && channels != 4)) {
      throw new IOException("an image of %d x %d x %d".formatted(height, width, channels));
    }
    if (data.length != (long) height * width * channels) {
      throw new IOException(
          "%d bytes for an image of %d x %d x %d".formatted(data.length, height, width, channels));
    }
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    int[] rgb = new int[width];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int at = (y * width + x) * channels;
        int green = channels == 1 ? 0 : 1;
        int red = channels == 1 ? 0 : 2;
        rgb[x] = (data[at + red] & 0xFF) << 16 | (data[at + green] & 0xFF) << 8 | (data[at] & 0xFF);
      }
      picture.setRGB(0, y, width, 1, rgb, 0, width);
    }
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    ImageIO.write(picture, "png", png);
    return png.toByteArray();
  }
}
