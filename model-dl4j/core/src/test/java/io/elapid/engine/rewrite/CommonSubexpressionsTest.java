package io.elapid.engine.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.kernel.ActivationKind;
import io.elapid.op.Activation;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.linalg.api.buffer.DataType;

@Tag("backend")
class CommonSubexpressionsTest {

  @Test
  void whatIsComputedTwiceIsComputedOnce() {
    Comparison all = new Comparison();
    SDVariable x = all.input("x", DataType.FLOAT, 4, 4);
    SDVariable first = activation(all, x.mmul(x), ActivationKind.SILU);
    SDVariable second = activation(all, x.mmul(x), ActivationKind.SILU);
    SDVariable other = activation(all, x.mmul(x), ActivationKind.GELU);
    String[] wanted = {first.name(), second.name(), other.name()};
    Comparison.Run plain = all.run(Rewrites.none(), wanted);
    Comparison.Run rewritten = all.run(Comparison.only(new CommonSubexpressions()), wanted);
    assertThat(plain.kinds()).hasSize(6);
    assertThat(rewritten.kinds())
        .containsExactly("matmul", "elapid_activation", "elapid_activation");
    for (SDVariable result : new SDVariable[] {first, second, other}) {
      assertThat(rewritten.value(result)).isEqualTo(plain.value(result));
    }
  }

  private static SDVariable activation(Comparison all, SDVariable x, ActivationKind kind) {
    return Activation.apply(all.graph(), x, kind);
  }
}
