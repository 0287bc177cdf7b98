/**
 * How ranks agree: sums over a fixed binary tree of virtual shards, so that no result depends on
 * the number of ranks, over a full mesh of sockets whose ends have proved who they are.
 *
 * <p>Nothing here waits without a deadline, and the first cause of a failure is what every rank
 * reports. {@link io.elapid.collective.TreeSum} folds a rank's own shards, {@link
 * io.elapid.collective.FixedTreeAllReduce} the rest; {@link io.elapid.collective.Peers} owns the
 * sockets and the threads. {@link io.elapid.collective.CompressedSum} trades exactness for traffic,
 * {@link io.elapid.collective.NcclAllReduce} for the links between GPUs.
 *
 * <p>Who may take part: ranks announce themselves through Spark's own channel, with the fingerprint
 * of a key that is made for the attempt; with {@link
 * io.elapid.collective.PeerSettings.Protection#ENCRYPTED} only those keys get through TLS. Inside,
 * each end proves that it knows the secret of the attempt, for which run, attempt and rank.
 *
 * <p>Knows neither Spark nor ND4J: ranks meet through a function that the caller hands in.
 */
package io.elapid.collective;
