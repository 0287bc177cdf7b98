/**
 * A prepared data set: shuffled once, cut into Parquet shards, described by a manifest.
 *
 * <p>Encoded bytes travel, pixels do not: the image column holds each file as it was, uncompressed,
 * since JPEG does not shrink. The unit of reading is a small row group. Everything is written under
 * a name that readers ignore and renamed when whole; the manifest comes last, so that a folder with
 * a manifest is a finished data set and any other folder is not.
 *
 * <pre>
 * ROOT/train/part-00000-of-00008.parquet
 * ROOT/val/part-00000-of-00002.parquet
 * ROOT/quarantine/part-00000.parquet
 * ROOT/manifest.json
 * ROOT/_SUCCESS
 * </pre>
 *
 * <p>Damage is told in four places. The manifest's lengths are compared before a data set is read;
 * the checksum of every page (CRC32) whenever a row group is, on any file system; HDFS's client
 * verifies its own besides, while those that Hadoop keeps beside local files are left out of
 * reading; the manifest's SHA-256 of whole files by {@code elapid verify}.
 */
package io.elapid.data.shard;
