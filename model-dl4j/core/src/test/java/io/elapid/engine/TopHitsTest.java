package io.elapid.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.FloatBuffer;
import org.junit.jupiter.api.Test;

class TopHitsTest {
  @Test
  void ofEqualScoresTheLowerClassCountsAsHigher() {
    FloatBuffer logits = FloatBuffer.wrap(new float[] {1, 3, 3, 0, 0, 0, 0});
    assertThat(TopHits.count(logits, 7, new int[] {1}, 1)).containsExactly(1, 1);
    assertThat(TopHits.count(logits, 7, new int[] {2}, 1)).containsExactly(0, 1);
    assertThat(TopHits.count(logits, 7, new int[] {4}, 1)).containsExactly(0, 1);
    assertThat(TopHits.count(logits, 7, new int[] {5}, 1)).containsExactly(0, 0);
  }

  @Test
  void rowsBeyondTheBatchAreNotCounted() {
    FloatBuffer logits = FloatBuffer.wrap(new float[] {1, 0, 1, 0});
    assertThat(TopHits.count(logits, 2, new int[] {0}, 1)).containsExactly(1, 1);
  }
}
