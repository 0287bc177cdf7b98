package io.elapid.data.image;

/** The encodings that {@link ImageCodec} reads. */
public enum ImageFormat {
  JPEG,
  PNG
}
