package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * What this machine can do: the speeds that floors are computed from. Each thread has its own
 * memory.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class SpeedBenchmark {
  /** Too large for caches. */
  private static final int COPIED = 1 << 25;

  private static final int NUMBERS = 1 << 10;
  private static final int PRODUCTS = 1 << 17;

  private final ByteBuffer from = ByteBuffer.allocateDirect(COPIED);
  private final ByteBuffer to = ByteBuffer.allocateDirect(COPIED);
  private final float[] arguments = new float[NUMBERS];
  private final float[] results = new float[NUMBERS];

  /** Touches the memory. */
  @Setup
  public void prepare() {
    for (int i = 0; i < COPIED; i++) {
      from.put(i, (byte) i);
      to.put(i, (byte) i);
    }
    for (int i = 0; i < NUMBERS; i++) {
      arguments[i] = i / (float) NUMBERS;
    }
  }

  /** Bytes read and written. */
  @Benchmark
  @OperationsPerInvocation(2 * COPIED)
  public ByteBuffer bytes() {
    return to.put(0, from, 0, COPIED);
  }

  /** Exponentials as the scan computes decays. */
  @Benchmark
  @OperationsPerInvocation(NUMBERS)
  public float[] exponentials() {
    FloatVector rate = Lanes.all(-0.7f);
    for (int i = 0; i < NUMBERS; i += WIDTH) {
      ScanMath.decay(FloatVector.fromArray(SPECIES, arguments, i), rate).intoArray(results, i);
    }
    return results;
  }

  /** Multiply-adds in eight independent registers. */
  @Benchmark
  @OperationsPerInvocation(PRODUCTS)
  public float products() {
    FloatVector x = FloatVector.fromArray(SPECIES, arguments, 0);
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
    return Lanes.sum(even.add(s1).add(s3).add(s5).add(s7));
  }
}
