/**
 * What a network does with pictures inside: spectra of its maps, and how far it sees.
 *
 * <p>{@link io.elapid.analysis.Subject} is a network with weights. {@link
 * io.elapid.analysis.LaplaceBranches} records the two branches of TinyViM's mixers, whose {@link
 * io.elapid.analysis.Spectrum} shows which frequencies each of them carries; {@link
 * io.elapid.analysis.ReceptiveField} is the gradient of the middle of the last map in the pictures.
 * Everything here builds a graph, runs it in the calling thread, copies numbers out and frees its
 * memory.
 */
package io.elapid.analysis;
