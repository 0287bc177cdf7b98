package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;

import io.elapid.kernel.SumKernel;
import io.elapid.kernel.Tensor;
import io.elapid.kernel.Workers;
import java.nio.ByteBuffer;
import java.util.List;
import jdk.incubator.vector.FloatVector;

/**
 * Adds pairs as they lie, and more terms block by block in an array that stays in the nearest
 * cache.
 */
record VectorSum(Workers workers, SumKernel reference) implements SumKernel {
  private static final int BLOCK = 1024;

  @Override
  public void sum(List<Tensor> terms, Tensor y) {
    if (!Lanes.areFloat(y)) {
      reference.sum(terms, y);
      return;
    }
    if (terms.size() == 2) {
      ByteBuffer a = terms.get(0).bytes();
      ByteBuffer b = terms.get(1).bytes();
      Pieces.forEach(workers, y.size(), (from, to) -> addPair(a, b, from, to - from, y.bytes()));
      return;
    }
    int blocks = (y.size() + BLOCK - 1) / BLOCK;
    workers.forEach(
        blocks,
        (long) BLOCK * terms.size(),
        (from, to) -> {
          float[] sums = new float[BLOCK];
          for (int block = from; block < to; block++) {
            int start = block * BLOCK;
            int length = Math.min(BLOCK, y.size() - start);
            load(terms.get(0).bytes(), start, sums, length);
            for (int t = 1; t < terms.size() - 1; t++) {
              add(terms.get(t).bytes(), start, sums, length);
            }
            finish(terms.get(terms.size() - 1).bytes(), start, sums, length, y.bytes());
          }
        });
  }

  private static void addPair(ByteBuffer a, ByteBuffer b, int start, int length, ByteBuffer y) {
    int whole = start + Lanes.bound(length);
    for (int i = start; i < whole; i += WIDTH) {
      Lanes.store(Lanes.load(a, i).add(Lanes.load(b, i)), y, i);
    }
    for (int i = whole; i < start + length; i++) {
      Lanes.put(y, i, Lanes.get(a, i) + Lanes.get(b, i));
    }
  }

  private static void load(ByteBuffer term, int start, float[] sums, int length) {
    int whole = Lanes.bound(length);
    for (int i = 0; i < whole; i += WIDTH) {
      Lanes.load(term, start + i).intoArray(sums, i);
    }
    for (int i = whole; i < length; i++) {
      sums[i] = Lanes.get(term, start + i);
    }
  }

  private static void add(ByteBuffer term, int start, float[] sums, int length) {
    int whole = Lanes.bound(length);
    for (int i = 0; i < whole; i += WIDTH) {
      FloatVector.fromArray(SPECIES, sums, i).add(Lanes.load(term, start + i)).intoArray(sums, i);
    }
    for (int i = whole; i < length; i++) {
      sums[i] += Lanes.get(term, start + i);
    }
  }

  private static void finish(ByteBuffer term, int start, float[] sums, int length, ByteBuffer y) {
    int whole = Lanes.bound(length);
    for (int i = 0; i < whole; i += WIDTH) {
      FloatVector sum = FloatVector.fromArray(SPECIES, sums, i).add(Lanes.load(term, start + i));
      Lanes.store(sum, y, start + i);
    }
    for (int i = whole; i < length; i++) {
      Lanes.put(y, start + i, sums[i] + Lanes.get(term, start + i));
    }
  }
}
