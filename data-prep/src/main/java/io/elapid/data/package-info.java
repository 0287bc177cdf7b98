/** Images and data sets: read, shard into Parquet, decode, augment, batch. */
package io.elapid.data;
