package io.elapid.data.shard;

import java.io.Serializable;

/**
 * A file that was listed but left out of the data set.
 *
 * @param source where it lies
 * @param reason why it cannot be used
 */
public record QuarantinedSample(String id, String split, String source, String reason)
    implements Serializable {}
