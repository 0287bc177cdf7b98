/**
 * A network without any op of ours: every one is replaced by its composition of stock SameDiff
 * operations, the way one would write it against SameDiff's own API. SameDiff differentiates the
 * result by itself.
 *
 * <p>That makes it two things at once: what {@code elapid bench train --naive} compares memory and
 * time with, and an implementation of every network that shares neither kernels nor gradients with
 * ours. Nothing is tuned: where SameDiff has a function for it that works (convolution, pooling,
 * softmax, swish) that function is used, and the rest is written out.
 */
package io.elapid.engine.stock;
