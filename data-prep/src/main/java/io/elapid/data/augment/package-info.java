/**
 * What happens to a decoded picture before it becomes numbers: crops, flips, resizing,
 * normalisation.
 *
 * <p>Every transform is a pure function of a picture and a seed. The loader derives the seed from
 * the sample's position in the epoch, so that the same sample is treated the same way by any rank,
 * any thread, before and after a restart.
 */
package io.elapid.data.augment;
