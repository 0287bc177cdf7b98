/**
 * How ranks agree: sums over a fixed binary tree of virtual shards, so that no result depends on
 * the number of ranks, over a full mesh of authenticated sockets.
 *
 * <p>Nothing here waits without a deadline, and the first cause of a failure is what every rank
 * reports. {@link io.elapid.collective.TreeSum} folds a rank's own shards, {@link
 * io.elapid.collective.FixedTreeAllReduce} the rest; {@link io.elapid.collective.Peers} owns the
 * sockets and the threads. Knows neither Spark nor ND4J: ranks meet through a function that the
 * caller hands in.
 */
package io.elapid.collective;
