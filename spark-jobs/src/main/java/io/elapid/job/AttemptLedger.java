package io.elapid.job;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.worker.RunEvents;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What the driver knows of one attempt: which rank is where and what it did last, what has failed,
 * which executors are gone. Safe for use by several threads.
 */
final class AttemptLedger {
  private final int attempt;
  private final Map<Integer, Sign> signs = new HashMap<>();
  private final Set<Integer> ended = new HashSet<>();
  private final List<JsonNode> failures = new ArrayList<>();
  private final Map<String, String> removed = new HashMap<>();
  private RankFailure verdict;
  private long stoppedAt = -1;

  AttemptLedger(int attempt) {
    this.attempt = attempt;
  }

  /**
   * A rank's last sign of life.
   *
   * @param nanos when it arrived, as {@link System#nanoTime()} counts
   */
  record Sign(int rank, String host, String executor, long step, String phase, long nanos) {
    String where() {
      return RankFailure.where(rank, host, executor, step, phase);
    }
  }

  /** Takes note of an event; those of other attempts do not count. */
  synchronized void accept(JsonNode event) {
    if (event.path("attempt").asInt(attempt) != attempt) {
      return;
    }
    switch (event.path("event").asText()) {
      case "alive" -> sign(event);
      case RunEvents.BEGUN -> {
        ended.remove(event.path("rank").asInt());
        sign(event);
      }
      case "ended" -> ended.add(event.path("rank").asInt());
      case "failure" -> failures.add(event);
      case "stopped" -> stoppedAt = event.path("step").asLong();
      default -> {
        // not about the attempt
      }
    }
  }

  private void sign(JsonNode event) {
    int rank = event.path("rank").asInt();
    signs.put(
        rank,
        new Sign(
            rank,
            event.path("host").asText(),
            event.path("executor").asText(),
            event.path("step").asLong(),
            event.path("phase").asText(),
            System.nanoTime()));
  }

  synchronized void executorRemoved(String executor, String reason) {
    removed.putIfAbsent(executor, reason);
  }

  /** Keeps why the driver itself ended the attempt; the first reason counts. */
  synchronized void judge(RankFailure reason) {
    if (verdict == null) {
      verdict = reason;
    }
  }

  /** Whether any rank has started. */
  synchronized boolean begun() {
    return !signs.isEmpty();
  }

  synchronized boolean failed() {
    return !failures.isEmpty();
  }

  /** At which step the ranks have ended on request. */
  synchronized OptionalLong stoppedAt() {
    return stoppedAt < 0 ? OptionalLong.empty() : OptionalLong.of(stoppedAt);
  }

  /** Whether the ranks have ended on request, all of them. */
  synchronized boolean stopped() {
    return stoppedAt >= 0 && running().isEmpty();
  }

  /** Ranks that have started and not ended, on executors that are there. */
  synchronized List<Sign> running() {
    return signs.values().stream()
        .filter(sign -> !ended.contains(sign.rank()) && !removed.containsKey(sign.executor()))
        .toList();
  }

  /** Executors that are there, but whose accelerator has failed. */
  synchronized List<String> executorsWithoutAccelerator() {
    return failures.stream()
        .filter(event -> event.path("of_accelerator").asBoolean())
        .map(event -> event.path("executor").asText())
        .filter(executor -> !removed.containsKey(executor))
        .distinct()
        .toList();
  }

  /** The running rank that has been silent for longest, if that is longer than {@code limit}. */
  synchronized Optional<Sign> silent(Duration limit) {
    long now = System.nanoTime();
    return running().stream()
        .filter(sign -> now - sign.nanos() > limit.toNanos())
        .min(Comparator.comparingLong(Sign::nanos));
  }

  /** Counts silence from now on: the driver was not there to listen. */
  synchronized void excuseSilence() {
    long now = System.nanoTime();
    signs.replaceAll((rank, s) -> new Sign(rank, s.host(), s.executor(), s.step(), s.phase(), now));
  }

  /** Whether the root cause is known, not only its effect on other ranks. */
  synchronized boolean knowsRoot() {
    return own().isPresent() || verdict != null || lostRank().isPresent();
  }

  /**
   * What went wrong first: what a rank says of itself, then what the driver has found, then an
   * executor that is gone, then what a rank says of another.
   */
  synchronized Optional<RankFailure> firstCause() {
    return own()
        .map(event -> RankFailure.of(event, samples()))
        .or(() -> Optional.ofNullable(verdict))
        .or(this::lostRank)
        .or(() -> failures.stream().findFirst().map(this::ofPeer));
  }

  private Optional<JsonNode> own() {
    return failures.stream().filter(event -> !event.path("of_peer").asBoolean()).findFirst();
  }

  /** What all ranks had before them when the numbers went wrong. */
  private List<String> samples() {
    List<String> samples = new ArrayList<>();
    failures.forEach(event -> event.path("samples").forEach(id -> samples.add(id.asText())));
    return samples;
  }

  private Optional<RankFailure> lostRank() {
    return signs.values().stream()
        .filter(sign -> !ended.contains(sign.rank()) && removed.containsKey(sign.executor()))
        .findFirst()
        .map(sign -> RankFailure.lost(sign, removed.get(sign.executor())));
  }

  private RankFailure ofPeer(JsonNode event) {
    RankFailure failure = RankFailure.of(event, List.of());
    return failure.suspect().map(signs::get).map(failure::about).orElse(failure);
  }
}
