package io.elapid.engine;

import io.elapid.data.loader.Batch;
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
  private final Runnable release;
  private final StepProgram program;

  private RewriteBench(Arena weights, Runnable release, StepProgram program) {
    this.weights = weights;
    this.release = release;
    this.program = program;
  }

  /** Forward and backward pass. */
  public static RewriteBench training(StepBench.Settings settings, Rewrites rewrites) {
    Loaded loaded = Loaded.of(settings, StepBench.learning(settings).with(rewrites));
    ShardProgram shard =
        ShardProgram.compile(
            loaded.blueprint(), settings.network().figures(), loaded.parameters(), Set.of());
    Batch pictures = StepBench.pictures(settings);
    shard.load(pictures);
    StepBench.teach(settings, pictures, shard.inputs());
    return new RewriteBench(loaded.weights(), shard::close, shard.program());
  }

  /**
   * Class scores.
   *
   * @param mode EVAL or DEPLOY
   */
  public static RewriteBench inference(StepBench.Settings settings, Mode mode, Rewrites rewrites) {
    Loaded loaded = Loaded.of(settings, StepBench.answering(settings, mode).with(rewrites));
    AnswerProgram<Batch> scores =
        new AnswerProgram<>(settings.network(), loaded.blueprint(), loaded.parameters());
    scores.load(StepBench.pictures(settings));
    return new RewriteBench(loaded.weights(), scores::close, scores.program());
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
    release.run();
    weights.close();
  }

  private record Loaded(Blueprint blueprint, Arena weights, Parameters parameters) {
    static Loaded of(StepBench.Settings settings, Blueprint blueprint) {
      ThreadBudget.use(settings.threads());
      Arena weights = EngineMemory.take(DataType.FLOAT, blueprint.table().length());
      Parameters parameters = new Parameters(blueprint.table(), weights, 0);
      parameters.load(StepBench.initialWeights(settings));
      return new Loaded(blueprint, weights, parameters);
    }
  }
}
