package io.elapid.data.shard;

import java.io.Serializable;

/**
 * Something that is wrong with a listed sample: why it was left out, or what about it was.
 *
 * @param source where it lies
 * @param reason what is wrong, in a few words
 */
public record SampleIssue(String id, String split, String source, String reason)
    implements Serializable {}
