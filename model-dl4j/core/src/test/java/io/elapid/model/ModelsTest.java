package io.elapid.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.elapid.data.InputException;
import org.junit.jupiter.api.Test;

class ModelsTest {
  @Test
  void findsNetworksInAnyCase() {
    assertThat(Models.byName("EfficientViM_M4").imageSize()).isEqualTo(256);
    assertThat(Models.names())
        .allSatisfy(name -> assertThat(Models.byName(name).name()).isEqualTo(name));
  }

  @Test
  void unknownNameIsAnsweredWithTheNearest() {
    InputException refusal =
        catchThrowableOfType(InputException.class, () -> Models.byName("efficientvim-m2"));
    assertThat(refusal).hasMessageContaining("efficientvim-m2");
    assertThat(refusal.remedy()).startsWith("did you mean 'efficientvim_m2'?");
  }
}
