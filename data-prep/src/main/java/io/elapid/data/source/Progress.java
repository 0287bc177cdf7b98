package io.elapid.data.source;

/** Told how far a long piece of work has come; may be called from several threads. */
@FunctionalInterface
public interface Progress {
  /** Hears nothing. */
  Progress NONE = (done, total) -> {};

  void update(long done, long total);
}
