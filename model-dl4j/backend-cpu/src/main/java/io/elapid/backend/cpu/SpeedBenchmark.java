package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;

import io.elapid.benchmark.Work.Speeds;
import io.elapid.kernel.Workers;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What this machine can do: calls of known size, shared among threads as kernels share theirs. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class SpeedBenchmark {
  private static final int SHARES = 64;
  private static final int COPIED = Speeds.COPIED / SHARES;
  private static final int NUMBERS = 1 << 10;
  private static final int ROUNDS = Speeds.EXPONENTIALS / SHARES / NUMBERS;
  private static final int RESULTS = ScanSteps.apart(NUMBERS);
  private static final int PRODUCTS = Speeds.PRODUCTS / SHARES;

  /** Threads of one call. */
  @Param({"2"})
  public int workers;

  private final ByteBuffer from = ByteBuffer.allocateDirect(Speeds.COPIED);
  private final ByteBuffer to = ByteBuffer.allocateDirect(Speeds.COPIED);

  /** Arguments, then from {@link #RESULTS} on results; loads never wait for stores. */
  private final float[][] numbers = new float[SHARES][RESULTS + NUMBERS];

  private Workers threads;

  /** Touches the memory. */
  @Setup
  public void prepare() {
    threads = new Workers(workers);
    for (int i = 0; i < Speeds.COPIED; i++) {
      from.put(i, (byte) i);
      to.put(i, (byte) i);
    }
    for (float[] share : numbers) {
      for (int i = 0; i < NUMBERS; i++) {
        share[i] = i / (float) NUMBERS;
      }
    }
  }

  /** Ends the threads. */
  @TearDown
  public void close() {
    threads.close();
  }

  /** Copies memory. */
  @Benchmark
  public void copy() {
    threads.forEach(
        SHARES,
        COPIED,
        (first, end) -> to.put(first * COPIED, from, first * COPIED, (end - first) * COPIED));
  }

  /** Exponentials as the scan computes decays, from and to the nearest cache. */
  @Benchmark
  public void exponentials() {
    threads.forEach(
        SHARES,
        (long) ROUNDS * NUMBERS,
        (first, end) -> {
          for (int share = first; share < end; share++) {
            for (int round = 0; round < ROUNDS; round++) {
              decays(numbers[share]);
            }
          }
        });
  }

  private static void decays(float[] numbers) {
    FloatVector rate = Lanes.all(-0.7f);
    for (int i = 0; i < NUMBERS; i += WIDTH) {
      ScanMath.normalDecay(FloatVector.fromArray(SPECIES, numbers, i), rate)
          .intoArray(numbers, RESULTS + i);
    }
  }

  /** Multiply-adds in eight independent registers. */
  @Benchmark
  public void products() {
    threads.forEach(
        SHARES,
        PRODUCTS,
        (first, end) -> {
          for (int share = first; share < end; share++) {
            multiplyAdd(numbers[share]);
          }
        });
  }

  private static void multiplyAdd(float[] numbers) {
    FloatVector x = FloatVector.fromArray(SPECIES, numbers, 0);
    FloatVector s0 = x;
    FloatVector s1 = x;
    FloatVector s2 = x;
    FloatVector s3 = x;
    FloatVector s4 = x;
    FloatVector s5 = x;
    FloatVector s6 = x;
    FloatVector s7 = x;
    for (int i = 0; i < PRODUCTS; i += 8 * WIDTH) {
      s0 = s0.lanewise(VectorOperators.FMA, x, x);
      s1 = s1.lanewise(VectorOperators.FMA, x, x);
      s2 = s2.lanewise(VectorOperators.FMA, x, x);
      s3 = s3.lanewise(VectorOperators.FMA, x, x);
      s4 = s4.lanewise(VectorOperators.FMA, x, x);
      s5 = s5.lanewise(VectorOperators.FMA, x, x);
      s6 = s6.lanewise(VectorOperators.FMA, x, x);
      s7 = s7.lanewise(VectorOperators.FMA, x, x);
    }
    FloatVector even = s0.add(s2).add(s4).add(s6);
    even.add(s1).add(s3).add(s5).add(s7).intoArray(numbers, RESULTS);
  }
}
