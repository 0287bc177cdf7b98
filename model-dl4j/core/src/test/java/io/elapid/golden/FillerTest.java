package io.elapid.golden;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FillerTest {
  static List<Goldens.Golden> files() {
    return Goldens.discover("primitives.json");
  }

  @ParameterizedTest
  @MethodSource("files")
  void agreesWithThePublishedTestVectorsBitForBit(Goldens.Golden golden) {
    JsonNode vectors = golden.json().path("filler_vectors");
    int checked = 0;
    for (Iterator<Map.Entry<String, JsonNode>> it = vectors.fields(); it.hasNext(); checked++) {
      Map.Entry<String, JsonNode> vector = it.next();
      String[] nameAndSeed = vector.getKey().split("\\|", -1);
      assertThat("0x" + Long.toHexString(Filler.fnv1a64(nameAndSeed[0])))
          .isEqualTo(vector.getValue().path("fnv1a64").asText());
      double[] expected = Goldens.doubles(vector.getValue().path("u_times_2p24"));
      float[] u =
          new Filler(Long.parseLong(nameAndSeed[1])).uniform(nameAndSeed[0], expected.length);
      for (int i = 0; i < u.length; i++) {
        assertThat(u[i] * 0x1p24).isEqualTo(expected[i]);
      }
    }
    assertThat(checked).isPositive();
  }
}
