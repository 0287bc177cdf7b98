/** A class for every pixel: from the scores of a network to label maps. */
package io.elapid.task.segmentation;
