package io.elapid.observe;

/**
 * An evaluation on samples that are not trained on.
 *
 * @param epoch epochs done
 * @param step updates done
 * @param loss mean cross-entropy
 * @param top1 share of right answers, in [0, 1]
 * @param top5 share of answers with the right one among the best five, in [0, 1]
 */
public record EpochPoint(long epoch, long step, double loss, double top1, double top5) {}
