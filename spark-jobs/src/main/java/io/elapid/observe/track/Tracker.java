package io.elapid.observe.track;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;

/** Passes on what happens in a run. Belongs to one thread. */
interface Tracker {
  /** What the tracker is called in messages. */
  String name();

  /**
   * Takes in events in their order; all that have piled up at once, or none when there have been
   * none for a while.
   *
   * @param ending until when
   */
  void accept(List<JsonNode> events, Ending ending) throws IOException;

  /**
   * Ends; what cannot be passed on within what is left of {@code ending} is kept for the next
   * submission of the run, or lost.
   */
  void end(Ending ending) throws IOException;
}
