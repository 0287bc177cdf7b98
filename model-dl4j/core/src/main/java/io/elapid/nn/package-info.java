/**
 * Building blocks that networks share, written on a {@link io.elapid.graph.Scope}: each declares
 * its parameters under their official names and adds its operations in the form that the scope's
 * mode asks for.
 */
package io.elapid.nn;
