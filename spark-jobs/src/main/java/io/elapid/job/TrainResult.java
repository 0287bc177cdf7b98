package io.elapid.job;

import io.elapid.worker.SplitScore;
import java.time.Instant;
import org.apache.hadoop.fs.Path;

/**
 * A finished training run.
 *
 * @param folder everything the run wrote
 * @param checkpoint the last one
 * @param score of the last evaluation, over the whole validation split
 * @param began when this submission started
 */
public record TrainResult(RunFolder folder, Path checkpoint, SplitScore score, Instant began) {}
