package io.elapid.data.source;

import org.apache.hadoop.fs.Path;

/**
 * A file in a zip archive.
 *
 * @param archive that holds it
 * @param header offset of its local header in the archive
 * @param stored bytes that it takes there
 * @param length of the file in bytes
 * @param deflated whether it is compressed
 * @param crc of the file
 * @param modified in milliseconds since 1970
 */
record ZipMember(
    Path archive,
    long header,
    long stored,
    long length,
    boolean deflated,
    long crc,
    long modified) {}
