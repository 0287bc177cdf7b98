/**
 * How good detections and segmentations are, in the numbers that papers report, and the files that
 * benchmarks take.
 *
 * <p>Every rank evaluates its share of a split and keeps only counts and match flags; these merge
 * exactly, so the numbers depend neither on how many ranks there were nor on who had what. Plain
 * Java on values: no network is known here.
 */
package io.elapid.task.evaluation;
