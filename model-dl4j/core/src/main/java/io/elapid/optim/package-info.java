/**
 * The mathematics of one training step after the gradients are known: clip, update, average,
 * schedule.
 *
 * <p>All parameters of a network lie in one flat vector, and so do their gradients, moments and
 * averages. Each operation here is one pass over such vectors; it knows neither models nor tensors,
 * only ranges of a vector that are treated alike. Everything is single-threaded and has a fixed
 * order of summation, so that equal inputs give bitwise equal results on every machine.
 */
package io.elapid.optim;
