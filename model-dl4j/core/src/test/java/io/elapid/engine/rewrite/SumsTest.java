package io.elapid.engine.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.linalg.api.buffer.DataType;

@Tag("backend")
class SumsTest {
  private static final String SUM = "elapid_sum";

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"FLOAT", "DOUBLE"})
  void aChainBecomesOneOperationWithTheSameBits(DataType type) {
    Comparison all = new Comparison();
    SDVariable a = all.input("a", type, 3, 1000);
    SDVariable b = all.input("b", type, 3, 1000);
    SDVariable c = all.input("c", type, 3, 1000);
    SDVariable d = all.input("d", type, 3, 1000);
    SDVariable sum = a.add(b).add(c).add("sum", d);
    Comparison.Run plain = all.run(Rewrites.none(), "sum");
    Comparison.Run rewritten = all.run(Comparison.only(new Sums()), "sum");
    assertThat(rewritten.kinds()).containsExactly(SUM);
    assertThat(rewritten.value(sum)).isEqualTo(plain.value(sum));
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"FLOAT", "DOUBLE"})
  void partsThatOthersReadAndOtherShapesStayByThemselves(DataType type) {
    Comparison all = new Comparison();
    SDVariable a = all.input("a", type, 3, 8);
    SDVariable b = all.input("b", type, 3, 8);
    SDVariable row = all.input("row", type, 1, 8);
    SDVariable part = a.add("part", b);
    SDVariable whole = part.add("whole", part.mmul(all.input("w", type, 8, 8)));
    SDVariable broadcast = whole.add("broadcast", row);
    SDVariable twice = whole.add("twice", whole);
    String[] wanted = {"whole", "broadcast", "twice"};
    Comparison.Run plain = all.run(Rewrites.none(), wanted);
    Comparison.Run rewritten = all.run(Comparison.only(new Sums()), wanted);
    assertThat(rewritten.count(SUM)).isEqualTo(2);
    assertThat(rewritten.count("add")).isEqualTo(2);
    for (SDVariable result : new SDVariable[] {whole, broadcast, twice}) {
      assertThat(rewritten.value(result)).isEqualTo(plain.value(result));
    }
  }
}
