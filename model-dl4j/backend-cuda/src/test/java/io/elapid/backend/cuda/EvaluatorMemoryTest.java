package io.elapid.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.data.InputException;
import io.elapid.data.loader.Batch;
import io.elapid.engine.Evaluator;
import io.elapid.engine.TrainerSettings;
import io.elapid.graph.Mode;
import io.elapid.kernel.Accelerator;
import io.elapid.model.Models;
import io.elapid.op.OpRegistry;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Memory that a device reaches, of a network that could not be opened. */
@Tag(StandInCondition.TAG)
class EvaluatorMemoryTest {
  @TempDir private Path folder;

  /** What a JVM does: opens a network with the weights of none. */
  public static final class Program {
    private Program() {}

    public static void main(String[] args) {
      TrainerSettings<Batch> settings =
          TrainerSettings.classifier(
              Models.byName("efficientvim_nano"), 5, 64, 2, 5, Lesson.SMOOTH, 1, 0, 1);
      UnifiedBlocks blocks = (UnifiedBlocks) OpRegistry.register().kernels().memory().orElseThrow();
      try (Evaluator<Batch> evaluator =
          new Evaluator<>(settings.network(), settings.usual(), Mode.DEPLOY, Map.of(), 1)) {
        System.out.println("opened: " + evaluator);
      } catch (InputException e) {
        System.out.println("refused: " + e.getMessage());
      }
      System.out.println("held: " + blocks.heldBytes());
    }
  }

  @Test
  void weightsOfAnotherNetworkLeaveNothingBehind() throws Exception {
    List<String> options =
        List.of(
            "-D" + Accelerator.KERNELS + "=" + Learnt.DEVICE,
            "-D" + Driver.LIBRARY + "=" + System.getProperty(Driver.LIBRARY));
    ChildJvm jvm = ChildJvm.run(folder, options, Map.of(), Program.class);
    assertThat(jvm.output()).contains("refused: ", "held: 0");
  }
}
