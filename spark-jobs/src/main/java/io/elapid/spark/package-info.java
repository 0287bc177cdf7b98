/**
 * Trained networks as part of Spark programs: {@link io.elapid.spark.ElapidModel} is a stage of
 * Spark ML's pipelines that classifies, detects or segments the pictures of a column.
 *
 * <p>An executor holds one copy of a network, whatever the number of its task slots: tasks decode
 * for themselves and share the network. Answers are those of {@code elapid predict}, to the last
 * bit, on any number of executors.
 */
package io.elapid.spark;
