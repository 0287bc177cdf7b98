/**
 * The fault matrix of {@code elapid chaos}: real Spark and HDFS processes on this machine, faults
 * at moments drawn from a seed, and for each what must come out of it. Starts programs and reads
 * what they leave behind; knows nothing of how a run works inside.
 */
package io.elapid.chaos;
