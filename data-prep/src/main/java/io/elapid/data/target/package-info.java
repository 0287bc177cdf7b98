/**
 * What is to be learnt from a picture: its class, the objects in it, or a class for every pixel.
 *
 * <p>Values only, in the coordinates of the picture as its annotators saw it; nothing is filtered
 * or clipped here. What training leaves out is asked of the values ({@link
 * io.elapid.data.target.ObjectTarget#isTrainedOn}), so that an evaluation still sees it all.
 */
package io.elapid.data.target;
