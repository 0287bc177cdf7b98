/**
 * What runs inside Spark's executors: the body of one rank, and the barrier stage that starts all
 * ranks together.
 */
package io.elapid.worker;
