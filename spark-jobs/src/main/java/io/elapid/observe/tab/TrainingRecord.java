package io.elapid.observe.tab;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.stream.Stream;
import org.apache.spark.util.kvstore.KVIndex;

/** The events of the runs of one application, as the History Server keeps them. */
public final class TrainingRecord {
  static final String KEY = "training";

  @KVIndex
  @JsonProperty("id")
  private final String id;

  @JsonProperty("text")
  private final String text;

  /**
   * A record.
   *
   * @param text one JSON object a line
   */
  @JsonCreator
  public TrainingRecord(@JsonProperty("id") String id, @JsonProperty("text") String text) {
    this.id = id;
    this.text = text;
  }

  /** The key in the store. */
  public String id() {
    return id;
  }

  @JsonIgnore
  Stream<String> lines() {
    return text.lines();
  }
}
