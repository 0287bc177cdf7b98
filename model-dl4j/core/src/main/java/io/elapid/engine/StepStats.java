package io.elapid.engine;

/**
 * Figures of one step over all shards.
 *
 * @param loss mean loss
 * @param top1 share of samples whose label had the highest score
 * @param top5 share of samples whose label was among the five highest scores
 * @param gradNorm L2 norm of the mean gradient before clipping
 */
public record StepStats(double loss, double top1, double top5, double gradNorm) {}
