package io.elapid.data.shard;

import io.elapid.data.image.ImageFormat;

/**
 * One row of a shard.
 *
 * @param id unique in the data set
 * @param image the picture's file, byte for byte
 * @param label class index
 * @param width stored width in pixels
 * @param height stored height in pixels
 * @param format what the bytes are, whatever the file was called
 * @param source where the bytes came from: path, and for a member of an archive #offset
 */
public record Sample(
    String id, byte[] image, int label, int width, int height, ImageFormat format, String source) {}
