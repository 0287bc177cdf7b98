package io.elapid.observe.track;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

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

  /** Ends; what cannot be passed on before {@code ending} is over is kept for later, or lost. */
  void end(Ending ending) throws IOException;

  /** How long the end may take of a run that has taken {@code run}; the run's own thread asks. */
  Duration patience(Duration run);

  /** What is kept for later, and who passes it on; the run's own thread asks after the end. */
  Optional<String> unfinished();
}
