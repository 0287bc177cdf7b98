/**
 * Custom SameDiff ops: what ND4J lacks, computes wrongly, or computes slowly.
 *
 * <p>One file per op and one for its gradient. An op declares shapes, types and derivative and
 * names the {@link io.elapid.kernel} it needs; the arithmetic is the kernel's. Those that choose
 * regions use {@link io.elapid.box} and have no gradient. {@code apply(SameDiff, ...)} adds an op
 * to a graph. Ops run only where the op executioner is a {@link io.elapid.op.KernelHost}, which
 * {@link io.elapid.op.OpRegistry#register()} checks.
 */
package io.elapid.op;
