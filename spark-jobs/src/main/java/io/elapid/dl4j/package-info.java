/**
 * Training through DL4J's own integration with Spark: its ParameterAveragingTrainingMaster hands a
 * network to the workers, has each of them fit its rows, and averages what comes back.
 *
 * <p>The network is one layer whose one parameter is the whole state of a run, moments and running
 * statistics among it. Its backward pass is a whole step of ours with our optimiser; DL4J's own
 * would know neither decoupled weight decay nor rules for tensors. So what a step computes does not
 * depend on who averages. Knows nothing of recipes and ranks.
 */
package io.elapid.dl4j;
