/**
 * The arithmetic of boxes that detectors are made of: overlaps, anchors, matching, sampling,
 * coding, and the selection of boxes by their scores. It stands below the operations, since
 * proposals are made and matched in the middle of a network; it knows no graph.
 *
 * <p>Calculates in 32 bits, in the order of operations of the published detectors: which of several
 * equal candidates is taken depends on it.
 */
package io.elapid.box;
