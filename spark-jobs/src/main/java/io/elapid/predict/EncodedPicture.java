package io.elapid.predict;

/**
 * A picture at hand.
 *
 * @param bytes a JPEG or PNG file
 */
public record EncodedPicture(String name, byte[] bytes) implements Picture {
  @Override
  public byte[] read() {
    return bytes;
  }
}
