package io.elapid.checkpoint;

import java.util.Map;
import org.apache.hadoop.fs.Path;

/**
 * A complete checkpoint in memory.
 *
 * @param path its folder
 * @param model parameters and running statistics under their official names
 * @param ema their moving average; empty if the run keeps none
 * @param state what else the optimiser needs to go on, under names of its own
 */
public record Checkpoint(
    Path path,
    CheckpointMeta meta,
    Map<String, NamedTensor> model,
    Map<String, NamedTensor> ema,
    Map<String, NamedTensor> state) {}
