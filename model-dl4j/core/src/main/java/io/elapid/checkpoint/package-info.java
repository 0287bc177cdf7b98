/**
 * Weights at rest: the safetensors format, files of PyTorch, and checkpoints of a run on any Hadoop
 * file system.
 *
 * <p>A checkpoint is a folder that either is complete or is not there: it is written under a
 * temporary name, its manifest with the SHA-256 of every file comes last, and a rename publishes
 * it. {@link io.elapid.checkpoint.Lease} lets one process at a time write into a run. Tensors keep
 * the names and shapes of the networks' official state dictionaries.
 */
package io.elapid.checkpoint;
