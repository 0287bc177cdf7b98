package io.elapid.kernel;

import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What a device's driver measures at one moment; a device that does not measure something leaves it
 * out.
 *
 * @param utilization per cent of the last moments in which the device computed
 * @param memoryUsed bytes, of all processes on the device
 * @param memoryTotal bytes
 * @param temperature degrees Celsius
 */
public record DeviceFigures(
    OptionalInt utilization,
    OptionalLong memoryUsed,
    OptionalLong memoryTotal,
    OptionalInt temperature) {}
