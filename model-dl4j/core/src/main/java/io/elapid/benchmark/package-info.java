/**
 * What the benchmarks of the backends time, and the least that it can cost: the same shapes and
 * counts for all of them, so that their tables can be compared.
 */
package io.elapid.benchmark;
