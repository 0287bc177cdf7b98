package io.elapid.engine.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.engine.Gradients;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

@Tag("backend")
class PassedGradientsTest {

  @Test
  void gradientOfASumOfEqualShapesIsNotComputedAndThatOfABroadcastIs() {
    Comparison all = new Comparison();
    SDVariable x = all.input("x", DataType.FLOAT, 4, 4);
    SDVariable y = all.input("y", DataType.FLOAT, 4, 4);
    SDVariable row = all.input("row", DataType.FLOAT, 1, 4);
    SDVariable sum = x.mmul(y).add(y).add(row);
    SDVariable loss =
        all.graph()
            .loss()
            .meanSquaredError("loss", all.input("t", DataType.FLOAT, 4, 4), sum, null);
    Gradients gradients = Gradients.of(all.graph(), loss, List.of("x", "y", "row"));
    all.graph(gradients.graph());
    String[] wanted = gradients.names().values().toArray(String[]::new);
    Comparison.Run plain = all.run(Rewrites.none(), wanted);
    Comparison.Run rewritten = all.run(Comparison.only(new PassedGradients()), wanted);
    assertThat(plain.count("add_bp")).isEqualTo(2);
    assertThat(rewritten.count("add_bp")).isEqualTo(1);
    for (Map.Entry<String, INDArray> value : rewritten.values().entrySet()) {
      assertThat(value.getValue()).isEqualTo(plain.values().get(value.getKey()));
    }
  }
}
