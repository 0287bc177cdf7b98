/**
 * The arithmetic behind the custom ops: one contract per operation, and plain loops that define
 * what each means.
 *
 * <p>Nothing here knows a framework: a kernel reads and writes {@link io.elapid.kernel.Tensor}s,
 * dense views of memory that somebody else owns. So one contract test can hold every implementation
 * (reference, Vector API, CUDA) to the same numbers.
 */
package io.elapid.kernel;
