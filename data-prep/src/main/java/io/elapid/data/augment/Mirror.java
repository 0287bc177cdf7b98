package io.elapid.data.augment;

import io.elapid.data.image.FloatImage;
import io.elapid.data.image.Image;
import io.elapid.data.image.LabelMap;

/** Left and right changed places. */
final class Mirror {
  private Mirror() {}

  static Image columns(Image image) {
    byte[] in = image.rgb();
    byte[] out = new byte[in.length];
    int rowBytes = image.width() * Image.CHANNELS;
    for (int row = 0; row < in.length; row += rowBytes) {
      int from = row;
      for (int to = row + rowBytes - Image.CHANNELS; to >= row; to -= Image.CHANNELS) {
        out[to] = in[from];
        out[to + 1] = in[from + 1];
        out[to + 2] = in[from + 2];
        from += Image.CHANNELS;
      }
    }
    return new Image(image.width(), image.height(), out);
  }

  static FloatImage columns(FloatImage image) {
    float[] in = image.rgb();
    float[] out = new float[in.length];
    int rowValues = image.width() * Image.CHANNELS;
    for (int row = 0; row < in.length; row += rowValues) {
      int from = row;
      for (int to = row + rowValues - Image.CHANNELS; to >= row; to -= Image.CHANNELS) {
        System.arraycopy(in, from, out, to, Image.CHANNELS);
        from += Image.CHANNELS;
      }
    }
    return new FloatImage(image.width(), image.height(), out);
  }

  static LabelMap columns(LabelMap map) {
    byte[] in = map.values();
    byte[] out = new byte[in.length];
    for (int row = 0; row < in.length; row += map.width()) {
      for (int x = 0; x < map.width(); x++) {
        out[row + map.width() - 1 - x] = in[row + x];
      }
    }
    return new LabelMap(map.width(), map.height(), out);
  }
}
