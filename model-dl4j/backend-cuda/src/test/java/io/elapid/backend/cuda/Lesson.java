package io.elapid.backend.cuda;

import io.elapid.checkpoint.NamedTensor;
import io.elapid.data.loader.ImageBatch;
import io.elapid.engine.Buffers;
import io.elapid.engine.Evaluator;
import io.elapid.engine.ShardMeeting;
import io.elapid.engine.StepProgram;
import io.elapid.engine.StepStats;
import io.elapid.engine.Trainer;
import io.elapid.engine.TrainerSettings;
import io.elapid.graph.Mode;
import io.elapid.op.OpRegistry;
import io.elapid.optim.AdamWSettings;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Steps of a network, and what it answers behind them; for a JVM whose kernels are chosen by
 * properties.
 *
 * @param batches of a step, one a shard; the first is answered
 * @param answers names of outputs that are written
 */
record Lesson<B extends ImageBatch>(
    TrainerSettings<B> settings, List<B> batches, int steps, List<String> answers) {
  /**
   * An epsilon so large that a step is a smooth function of the gradient: the usual one turns the
   * sign of a gradient that is all rounding into a whole step.
   */
  static final AdamWSettings SMOOTH = new AdamWSettings(0.9, 0.999, 1e-2, 0.05);

  /** Writes the sums over shards of every step, then the answers, for {@link Learnt} to read. */
  void write(Path file) throws IOException {
    try (Trainer<B> trainer = new Trainer<>(settings);
        DataOutputStream out = new DataOutputStream(Files.newOutputStream(file))) {
      System.out.println("kernels: " + OpRegistry.register().kernels().name());
      for (int step = 0; step < steps; step++) {
        ByteBuffer sum = sum(trainer);
        write(out, sum.asFloatBuffer());
        StepStats stats = trainer.apply(sum, batches.size(), 1e-3);
        System.out.println("loss: " + stats.loss());
      }
      if (!answers.isEmpty()) {
        Map<String, NamedTensor> weights =
            trainer.model().stream()
                .collect(Collectors.toMap(NamedTensor::name, Function.identity()));
        try (Evaluator<B> evaluator =
            new Evaluator<>(settings.network(), settings.usual(), Mode.DEPLOY, weights, 1)) {
          Buffers answered = evaluator.answers(batches.get(0));
          for (String name : answers) {
            write(out, answered.floats(name));
          }
        }
      }
    }
  }

  private ByteBuffer sum(Trainer<B> trainer) {
    if (batches.size() == 1) {
      return trainer.computeShard(batches.get(0));
    }
    List<ByteBuffer> vectors =
        trainer.computeShards(batches, ShardMeeting.closed(), StepProgram.UNOBSERVED);
    FloatBuffer sum = vectors.get(0).asFloatBuffer();
    for (ByteBuffer vector : vectors.subList(1, vectors.size())) {
      FloatBuffer other = vector.asFloatBuffer();
      for (int i = 0; i < sum.capacity(); i++) {
        sum.put(i, sum.get(i) + other.get(i));
      }
    }
    return vectors.get(0);
  }

  private static void write(DataOutputStream out, FloatBuffer values) throws IOException {
    FloatBuffer all = values.duplicate().clear();
    ByteBuffer bytes = ByteBuffer.allocate(all.remaining() * Float.BYTES);
    bytes.asFloatBuffer().put(all);
    out.writeInt(bytes.capacity());
    out.write(bytes.array());
  }
}
