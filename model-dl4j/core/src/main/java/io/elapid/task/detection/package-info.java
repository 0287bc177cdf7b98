/**
 * Detectors: heads, what they learn from, and what their answers mean. The arithmetic of boxes is
 * in {@code io.elapid.box}.
 */
package io.elapid.task.detection;
