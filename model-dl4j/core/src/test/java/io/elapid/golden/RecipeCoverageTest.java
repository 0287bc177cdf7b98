package io.elapid.golden;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Every part of the files on recipes is compared somewhere. */
class RecipeCoverageTest {
  /** Optimiser and loss: {@code OptimGoldenTest}, {@code LossGoldenTest}. */
  private static final Set<String> HERE =
      Set.of(
          "soft_target_ce",
          "distill_deit",
          "distill_mobilemamba",
          "mesa",
          "agc",
          "clip_grad_norm",
          "adamw",
          "ema");

  /** Pictures: the module that augments them, which makes the soft targets too. */
  private static final Set<String> AUGMENTATION = Set.of("mixup", "cutmix");

  /** {@code schedules} is read by {@code ScheduleTest}, the others by the augmentation. */
  private static final Set<String> SECTIONS =
      Set.of(
          "family",
          "seed",
          "note",
          "bin",
          "cases",
          "schedules",
          "repeated_augmentation",
          "randaugment_args");

  @Test
  void nothingInTheFilesIsPassedOver() {
    for (DownstreamGolden golden : DownstreamGolden.family("recipe")) {
      Set<String> ops = new TreeSet<>();
      golden.index().get("cases").forEach(c -> ops.add(c.get("op").asText()));
      ops.removeAll(HERE);
      ops.removeAll(AUGMENTATION);
      assertThat(ops).isEmpty();
      if (Goldens.areOurs()) {
        assertThat(HERE).allSatisfy(op -> assertThat(golden.cases(op)).as(op).isNotEmpty());
      }
      assertThat(golden.index().fieldNames()).toIterable().isSubsetOf(SECTIONS);
    }
  }
}
