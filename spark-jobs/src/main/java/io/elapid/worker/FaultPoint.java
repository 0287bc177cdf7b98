package io.elapid.worker;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** Where a rank meets the {@link Fault} that is meant for it. */
final class FaultPoint implements AutoCloseable {
  private final Optional<Fault> fault;
  private final Optional<FaultRelay> relay;
  private final AtomicBoolean met = new AtomicBoolean();

  private FaultPoint(Optional<Fault> fault, Optional<FaultRelay> relay) {
    this.fault = fault;
    this.relay = relay;
  }

  static FaultPoint of(TrainTask task, RankContext context) {
    return of(Fault.of(context.property(Fault.PROPERTY), task.attempt(), context.rank()));
  }

  /** Of a rank that may be in another process at each step: the fault strikes at its step alone. */
  static FaultPoint at(long step, TrainTask task, RankContext context) {
    return of(
        Fault.of(context.property(Fault.PROPERTY), task.attempt(), context.rank())
            .filter(fault -> fault.step() == step));
  }

  private static FaultPoint of(Optional<Fault> mine) {
    return new FaultPoint(
        mine, mine.filter(f -> f.kind().onWire()).map(f -> new FaultRelay(f.kind())));
  }

  /** The rank's surroundings; its peers find the relay where they look for the rank. */
  RankContext around(RankContext context) {
    return relay.map(r -> (RankContext) new RelayedContext(context, r)).orElse(context);
  }

  /** To be called on the way into every phase. */
  void pass(long step, Phase phase) {
    if (fault.isPresent() && fault.get().due(step, phase) && met.compareAndSet(false, true)) {
      if (fault.get().kind().inTraining()) {
        strike(step, phase);
      } else {
        later(fault.get().afterMillis(), () -> strike(step, phase));
      }
    }
  }

  /** The driver knows when, before it happens. */
  private void strike(long step, Phase phase) {
    Fault due = fault.orElseThrow();
    RunEvents.ask(
        "fault",
        "rank",
        due.rank(),
        "kind",
        due.kind().name(),
        "step",
        step,
        "phase",
        phase.toString());
    relay.ifPresentOrElse(FaultRelay::strike, due::strike);
  }

  private static void later(long millis, Runnable body) {
    Thread thread =
        new Thread(
            () -> {
              try {
                Thread.sleep(millis);
                body.run();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "elapid-fault");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() {
    relay.ifPresent(FaultRelay::close);
  }
}
