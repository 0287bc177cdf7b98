package io.elapid.kernel;

/**
 * What a device can do.
 *
 * @param bytes that a copy within its memory moves in a nanosecond, read and written ones counted
 *     both; measured
 * @param multiprocessors number of them
 * @param gigahertz of their clock, as the device states it
 * @param launch nanoseconds that kernels take which do nothing, one behind the other; measured
 */
public record DeviceSpeeds(double bytes, int multiprocessors, double gigahertz, double launch) {}
