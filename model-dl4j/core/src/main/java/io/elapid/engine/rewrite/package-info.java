/**
 * Rewrites of an operation list before it is compiled: each is one small class that replaces
 * operations by fewer or faster ones with the same results. A rewrite never removes a variable that
 * somebody asked for.
 */
package io.elapid.engine.rewrite;
