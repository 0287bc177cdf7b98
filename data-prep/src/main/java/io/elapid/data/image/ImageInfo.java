package io.elapid.data.image;

/** What a picture's header says: its real encoding and its stored size (EXIF rotation ignored). */
public record ImageInfo(ImageFormat format, int width, int height) {}
