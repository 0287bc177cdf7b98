package io.elapid.engine;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * Programs by the shape that they were compiled for, the most recently used ones: compiling takes
 * seconds, and every program holds its inputs and outputs.
 *
 * @param <P> the programs, closed when they fall out
 */
final class ProgramCache<P extends AutoCloseable> implements AutoCloseable {
  private final int capacity;
  private final Function<Frame, P> compiler;
  private final Map<Frame, P> programs = new LinkedHashMap<>(16, 0.75f, true);

  ProgramCache(int capacity, Function<Frame, P> compiler) {
    this.capacity = capacity;
    this.compiler = compiler;
  }

  /** The program for that shape, compiled if need be. */
  P forShape(Frame shape) {
    return forShape(shape, compiler);
  }

  /** As {@link #forShape(Frame)}, compiled from what the caller has at hand. */
  P forShape(Frame shape, Function<Frame, P> other) {
    P program = programs.get(shape);
    if (program == null) {
      // the memory of the one that must go may be what the new one needs
      if (programs.size() == capacity) {
        close(programs.remove(programs.keySet().iterator().next()));
      }
      program = other.apply(shape);
      programs.put(shape, program);
    }
    return program;
  }

  int size() {
    return programs.size();
  }

  /** Closes all programs; each is compiled again when it is needed. */
  void clear() {
    programs.values().forEach(ProgramCache::close);
    programs.clear();
  }

  private static void close(AutoCloseable program) {
    try {
      program.close();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException("a program could not be closed", e);
    }
  }

  @Override
  public void close() {
    clear();
  }
}
