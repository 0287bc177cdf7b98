package io.elapid.job;

import io.elapid.task.classification.ClassificationMetrics;
import java.time.Instant;
import org.apache.hadoop.fs.Path;

/**
 * A finished training run.
 *
 * @param folder everything the run wrote
 * @param checkpoint the last one
 * @param metrics of the last evaluation, over the whole validation split
 * @param began when this submission started
 */
public record TrainResult(
    RunFolder folder, Path checkpoint, ClassificationMetrics metrics, Instant began) {}
