package io.elapid.backend.cpu;

import io.elapid.kernel.Workers;

/**
 * Cuts long runs of numbers. The compiler takes up a method for how often it is called: a loop over
 * a whole tensor, a few times a step, would for hundreds of steps begin each time in code that
 * keeps its registers on the heap.
 */
final class Pieces {
  private static final int SIZE = 4096;

  private Pieces() {}

  /**
   * Calls {@code body} for successive pieces of {@code [0, size)}. They begin at multiples of the
   * register width; the last one is as long as the others or longer, where there are several.
   */
  static void forEach(Workers workers, int size, Workers.Range body) {
    if (size == 0) {
      return;
    }
    int count = Math.max(1, size / SIZE);
    workers.forEach(
        count,
        Math.min(size, SIZE),
        (first, end) -> {
          for (int piece = first; piece < end; piece++) {
            body.run(piece * SIZE, piece + 1 == count ? size : (piece + 1) * SIZE);
          }
        });
  }
}
