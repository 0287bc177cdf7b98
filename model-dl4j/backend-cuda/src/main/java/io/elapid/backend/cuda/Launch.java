package io.elapid.backend.cuda;

import java.util.ArrayList;
import java.util.List;

/**
 * One call of a kernel, in one-dimensional blocks.
 *
 * @param module file of the kernel, without ending
 * @param function its entry
 * @param values arguments in order: Long, Integer, Float; an array for a struct of them
 */
record Launch(String module, String function, Shape shape, List<Object> values) {
  /** Sizes of the grid, threads of a block, dynamic shared memory. */
  record Shape(int gridX, int gridY, int gridZ, int threads, int sharedBytes) {
    /** Threads of a block where a thread has one element. */
    private static final int THREADS = 256;

    /** One thread for each of so many elements. */
    static Shape elements(long count) {
      return new Shape(Math.toIntExact((count + THREADS - 1) / THREADS), 1, 1, THREADS, 0);
    }

    @Override
    public String toString() {
      return "%dx%dx%d blocks of %d threads with %d bytes of shared memory"
          .formatted(gridX, gridY, gridZ, threads, sharedBytes);
    }
  }

  /** A launch of the entry that has its file's name. */
  static Launch of(String name, Shape shape, Arguments arguments) {
    return new Launch(name, name, shape, arguments.values);
  }

  /** A launch of an entry of a file. */
  static Launch of(String module, String function, Shape shape, Arguments arguments) {
    return new Launch(module, function, shape, arguments.values);
  }

  /** Arguments, in order. */
  static final class Arguments {
    private final List<Object> values = new ArrayList<>();

    /** Addresses; 0 is null. */
    Arguments pointers(long... addresses) {
      for (long address : addresses) {
        values.add(address);
      }
      return this;
    }

    Arguments numbers(int... numbers) {
      for (int number : numbers) {
        values.add(number);
      }
      return this;
    }

    Arguments wide(long number) {
      values.add(number);
      return this;
    }

    Arguments number(float number) {
      values.add(number);
      return this;
    }

    /** A struct of ints. */
    Arguments struct(int... fields) {
      values.add(fields);
      return this;
    }

    /** A struct of floats. */
    Arguments floats(float... fields) {
      values.add(fields);
      return this;
    }

    /** A struct of pointers. */
    Arguments struct(long... fields) {
      values.add(fields);
      return this;
    }
  }
}
