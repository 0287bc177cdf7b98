package io.elapid.observe.tab;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.apache.spark.scheduler.SparkListenerEvent;

/**
 * An event of a run on its way through Spark's listeners into the event log, where Spark writes it
 * as JSON under the name of this class.
 */
public final class TrainingEvent implements SparkListenerEvent {
  private final String line;

  /**
   * An event of the run.
   *
   * @param line one JSON object
   */
  @JsonCreator
  public TrainingEvent(@JsonProperty("line") String line) {
    this.line = line;
  }

  /** The event as one JSON object. */
  @JsonProperty("line")
  public String line() {
    return line;
  }
}
