package io.elapid.data.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class ImageNetClassesTest {
  private final List<ClassLabel> labels = ImageNetClasses.labels();

  @Test
  void thereAreAThousandInTheOrderOfTheirIds() {
    assertThat(labels).hasSize(ImageNetClasses.COUNT);
    assertThat(labels).extracting(ClassLabel::id).isSorted().doesNotHaveDuplicates();
    for (int i = 0; i < labels.size(); i++) {
      assertThat(labels.get(i).index()).isEqualTo(i);
      assertThat(labels.get(i).id()).matches("n\\d{8}");
      assertThat(labels.get(i).name()).isNotBlank();
    }
  }

  @Test
  void wellKnownClassesStandWhereEveryPublishedNetworkPutsThem() {
    assertThat(labels.get(0)).isEqualTo(new ClassLabel(0, "n01440764", "tench"));
    assertThat(labels.get(281)).isEqualTo(new ClassLabel(281, "n02123045", "tabby"));
    assertThat(labels.get(999)).isEqualTo(new ClassLabel(999, "n15075141", "toilet tissue"));
  }
}
