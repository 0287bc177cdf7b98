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
  /** That a device has in all. */
  private static final int BLOCKS = 6;

  @TempDir private Path folder;

  /** Opens a network with the weights of none. */
  public static final class Program {
    private Program() {}

    public static void main(String[] args) {
      open();
      System.out.println("held: " + blocks().heldBytes());
    }

    static UnifiedBlocks blocks() {
      return (UnifiedBlocks) OpRegistry.register().kernels().memory().orElseThrow();
    }

    static void open() {
      TrainerSettings<Batch> settings =
          TrainerSettings.classifier(
              Models.byName("efficientvim_nano"), 5, 64, 2, 5, Lesson.SMOOTH, 1, 0, 1);
      try (Evaluator<Batch> evaluator =
          new Evaluator<>(settings.network(), settings.usual(), Mode.DEPLOY, Map.of(), 1)) {
        System.out.println("opened: " + evaluator.getClass());
      } catch (InputException e) {
        System.out.println("refused: " + e.getMessage());
      } catch (CudaException e) {
        System.out.println("no memory: " + e.getMessage());
      }
    }
  }

  /** Opens it where a device has fewer and fewer blocks left. */
  public static final class Shortage {
    private Shortage() {}

    public static void main(String[] args) {
      UnifiedBlocks blocks = Program.blocks();
      for (int taken = 1; taken <= BLOCKS; taken++) {
        blocks.allocate(1);
        Program.open();
        System.out.println("lost: " + (blocks.heldBytes() - taken));
      }
    }
  }

  private ChildJvm run(Class<?> program, Map<String, String> variables) throws Exception {
    List<String> options =
        List.of(
            "-D" + Accelerator.KERNELS + "=" + Learnt.DEVICE,
            "-D" + Driver.LIBRARY + "=" + System.getProperty(Driver.LIBRARY));
    return ChildJvm.run(folder, options, variables, program);
  }

  @Test
  void weightsOfAnotherNetworkLeaveNothingBehind() throws Exception {
    assertThat(run(Program.class, Map.of()).output()).contains("refused: ", "held: 0");
  }

  @Test
  void memoryThatEndsHalfWayLeavesNothingBehind() throws Exception {
    Map<String, String> few = Map.of("ELAPID_STANDIN_UNIFIED_BLOCKS", Integer.toString(BLOCKS));
    String output = run(Shortage.class, few).output();
    // weights, inputs, outputs, what is computed with
    assertThat(output.lines().filter(line -> line.startsWith("no memory: "))).hasSize(4);
    assertThat(output.lines().filter(line -> line.startsWith("lost: ")))
        .hasSize(BLOCKS)
        .containsOnly("lost: 0");
  }
}
