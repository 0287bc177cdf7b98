/**
 * How a network becomes a SameDiff graph and where its numbers live.
 *
 * <p>A network is written once, against a {@link io.elapid.graph.Scope}, and built in one of three
 * {@linkplain io.elapid.graph.Mode modes} and in float or double. The scope gives every parameter
 * its official state-dict name and PyTorch's shape and notes it in a {@link
 * io.elapid.graph.ParameterTable}; {@link io.elapid.graph.Parameters} then holds them all in one
 * contiguous block of native memory, so that reducing, clipping, optimising, averaging and saving a
 * model are single passes. In the graph a parameter is a placeholder: SameDiff knows its shape and
 * differentiates with respect to it, but never owns its memory.
 */
package io.elapid.graph;
