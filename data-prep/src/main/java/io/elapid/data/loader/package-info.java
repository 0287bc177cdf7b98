/**
 * From shards to batches: sample order as a pure function of seed, epoch and position, decoding in
 * the background.
 */
package io.elapid.data.loader;
