/**
 * What happens to a decoded picture before it becomes numbers: crops, flips, resizing, distortion,
 * normalisation.
 *
 * <p>A picture comes with what is to be learnt from it ({@link io.elapid.data.augment.Annotated}),
 * and every transform moves both: boxes and label maps at once, masks as a note of which column and
 * row each pixel is from, drawn when somebody asks. Transforms of whole pictures resize as Pillow
 * does, those of objects and label maps as OpenCV does, because the published networks were trained
 * so.
 *
 * <p>Every transform is a pure function of a picture and a seed. The loader derives the seed from
 * the sample's position in the epoch, so that the same sample is treated the same way by any rank,
 * any thread, before and after a restart.
 */
package io.elapid.data.augment;
