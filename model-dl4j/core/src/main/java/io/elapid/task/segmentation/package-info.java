/** Segmenters: heads, their losses, and what their answers mean. */
package io.elapid.task.segmentation;
