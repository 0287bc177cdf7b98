package io.elapid.observe;

/**
 * Training seen at one moment.
 *
 * @param step updates done, from 1
 * @param loss mean training loss since the point before
 * @param learningRate of this step
 * @param samplesPerSecond over all ranks, since the point before
 */
public record StepPoint(long step, double loss, double learningRate, double samplesPerSecond) {}
