/**
 * From shards to batches: sample order as a pure function of seed, epoch and position, decoding in
 * the background.
 *
 * <p>One loader for all kinds of data sets; what a kind's samples become is a {@link
 * io.elapid.data.loader.BatchMaker}. Pictures of one size are decoded straight into their batch.
 * Pictures of objects and label maps have sizes of their own: they are laid into the smallest of a
 * few frames ({@link io.elapid.data.loader.FrameSizes}) that holds the batch.
 */
package io.elapid.data.loader;
