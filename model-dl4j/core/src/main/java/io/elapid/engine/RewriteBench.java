package io.elapid.engine;

import io.elapid.engine.rewrite.Rewrites;
import io.elapid.graph.Arena;
import io.elapid.graph.Mode;
import io.elapid.graph.Parameters;
import java.util.Set;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * The compiled pass of a {@link StepBench} with some rewrites only, to tell what each is worth. The
 * update, which no rewrite changes, is left out.
 *
 * <p>Owns its native memory until {@link #close()}; belongs to the thread that made it.
 */
public final class RewriteBench implements AutoCloseable {
  private final Arena weights;
  private final AutoCloseable pass;
  private final StepProgram program;

  private RewriteBench(Arena weights, AutoCloseable pass, StepProgram program) {
    this.weights = weights;
    this.pass = pass;
    this.program = program;
  }

  /** Forward and backward pass. */
  public static RewriteBench training(StepBench.Settings settings, Rewrites rewrites) {
    Loaded loaded = Loaded.of(settings, Mode.TRAIN, rewrites);
    ShardProgram shard =
        ShardProgram.compile(loaded.blueprint(), settings.classes(), loaded.parameters(), Set.of());
    shard.load(StepBench.pictures(settings));
    return new RewriteBench(loaded.weights(), shard, shard.program());
  }

  /**
   * Class scores.
   *
   * @param mode EVAL or DEPLOY
   */
  public static RewriteBench inference(StepBench.Settings settings, Mode mode, Rewrites rewrites) {
    Loaded loaded = Loaded.of(settings, mode, rewrites);
    ScoreProgram scores =
        new ScoreProgram(loaded.blueprint(), settings.classes(), loaded.parameters());
    scores.load(StepBench.pictures(settings).images());
    return new RewriteBench(loaded.weights(), scores, scores.program());
  }

  /** Runs once and returns the nanoseconds that took. */
  public long timedRun() {
    long start = System.nanoTime();
    program.run();
    return System.nanoTime() - start;
  }

  /** Operations of a run. */
  public int operations() {
    return program.size();
  }

  /** Bytes of intermediate results. */
  public long arenaBytes() {
    return program.arenaBytes();
  }

  @Override
  public void close() {
    try {
      pass.close();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException("a program could not be closed", e);
    } finally {
      weights.close();
    }
  }

  private record Loaded(Blueprint blueprint, Arena weights, Parameters parameters) {
    static Loaded of(StepBench.Settings settings, Mode mode, Rewrites rewrites) {
      ThreadBudget.use(settings.threads());
      Blueprint blueprint = StepBench.blueprint(settings, mode).with(rewrites);
      Arena weights = Arena.allocate(DataType.FLOAT, blueprint.table().length());
      Parameters parameters = new Parameters(blueprint.table(), weights, 0);
      parameters.load(StepBench.initialWeights(settings));
      return new Loaded(blueprint, weights, parameters);
    }
  }
}
