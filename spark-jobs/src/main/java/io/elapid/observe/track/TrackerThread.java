package io.elapid.observe.track;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hadoop.fs.FSError;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The thread of one tracker, and the queue in front of it. */
final class TrackerThread {
  private static final Logger LOG = LoggerFactory.getLogger(TrackerThread.class);
  private static final int EVENTS_AHEAD = 5_000;
  private static final long IDLE_MILLIS = 200;

  /** What a tracker that ends gets beyond its deadline to keep what is left. */
  private static final Duration KEEPING = Duration.ofSeconds(2);

  private final Tracker tracker;
  private final BlockingQueue<JsonNode> queue = new ArrayBlockingQueue<>(EVENTS_AHEAD);
  private final AtomicLong lost = new AtomicLong();
  private final Thread thread;
  private final Ending ending = new Ending();
  private boolean complained;

  TrackerThread(Tracker tracker) {
    this.tracker = tracker;
    this.thread = new Thread(this::work, "elapid-" + tracker.name());
    thread.setDaemon(true);
    thread.start();
  }

  /** Takes an event along, or drops it when too many wait; returns at once. */
  void offer(JsonNode event) {
    if (!queue.offer(event) && lost.incrementAndGet() == 1) {
      LOG.warn("{} cannot keep up: what happens meanwhile is not passed on", tracker.name());
    }
  }

  /**
   * Tells the tracker to end; does not wait for it.
   *
   * @param run how long the run has taken
   */
  void end(Duration run) {
    ending.begin(tracker.patience(run));
    // wakes it up; a queue that is full needs no waking
    queue.offer(MissingNode.getInstance());
  }

  /** Waits until it has ended, but not much longer than the tracker may take. */
  void await() throws InterruptedException {
    thread.join(ending.left().plus(KEEPING).toMillis());
    if (thread.isAlive()) {
      LOG.warn("{} did not end in time; the run does", tracker.name());
    }
    tracker.unfinished().ifPresent(text -> LOG.warn("{}: {}", tracker.name(), text));
    if (lost.get() > 0) {
      LOG.warn("{} events were not passed on to {}", lost.get(), tracker.name());
    }
  }

  private void work() {
    try {
      while (!ending.begun()) {
        pass(next());
      }
      List<JsonNode> rest = new ArrayList<>();
      queue.drainTo(rest);
      pass(rest);
      tracker.end(ending);
    } catch (IOException | RuntimeException | FSError e) {
      complain(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private List<JsonNode> next() throws InterruptedException {
    List<JsonNode> events = new ArrayList<>();
    JsonNode first = queue.poll(IDLE_MILLIS, TimeUnit.MILLISECONDS);
    if (first != null) {
      events.add(first);
      queue.drainTo(events);
    }
    return events;
  }

  private void pass(List<JsonNode> events) {
    try {
      tracker.accept(events, ending);
    } catch (IOException | RuntimeException | FSError e) {
      complain(e);
    }
  }

  private void complain(Throwable e) {
    if (!complained) {
      complained = true;
      LOG.warn("{}: {}; the run goes on", tracker.name(), e.toString());
    }
    LOG.debug("{} failed", tracker.name(), e);
  }
}
