package io.elapid.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.elapid.data.InputException;
import java.util.List;
import org.junit.jupiter.api.Test;

class ModelsTest {
  @Test
  void findsNetworksInAnyCase() {
    assertThat(Models.byName("EfficientViM_M4").imageSize()).isEqualTo(256);
    assertThat(Models.names())
        .allSatisfy(name -> assertThat(Models.byName(name).name()).isEqualTo(name));
  }

  @Test
  void listsTheSeventeenPublishedNetworksWithTheirPapersFigures() {
    List<String> published =
        Models.names().stream().filter(name -> Models.facts(name).isPresent()).toList();
    assertThat(published)
        .containsExactly(
            "tinyvim_s",
            "tinyvim_b",
            "tinyvim_l",
            "mobilemamba_t2",
            "mobilemamba_t4",
            "mobilemamba_s6",
            "mobilemamba_b1",
            "mobilemamba_b2",
            "mobilemamba_b4",
            "efficientvim_m1",
            "efficientvim_m2",
            "efficientvim_m3",
            "efficientvim_m4",
            "efficientvmamba_t",
            "efficientvmamba_s",
            "efficientvmamba_s64",
            "efficientvmamba_b");
    assertThat(Models.names()).contains("efficientvim_nano").hasSize(published.size() + 1);
    ModelFacts facts = Models.facts("MobileMamba_B4").orElseThrow();
    assertThat(facts.imageSize()).isEqualTo(512);
    assertThat(facts.parameters()).isEqualTo("17.1 M");
    assertThat(facts.macs()).isEqualTo("4313 M");
  }

  @Test
  void unknownNameIsAnsweredWithTheNearest() {
    InputException refusal =
        catchThrowableOfType(InputException.class, () -> Models.byName("efficientvim-m2"));
    assertThat(refusal).hasMessageContaining("efficientvim-m2");
    assertThat(refusal.remedy()).startsWith("did you mean 'efficientvim_m2'?");
  }
}
