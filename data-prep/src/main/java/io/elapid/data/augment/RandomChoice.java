package io.elapid.data.augment;

import io.elapid.data.SplitMix;
import io.elapid.data.target.TargetKind;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Draws one of several pipelines for every picture.
 *
 * @param branches equally likely, at least one
 */
public record RandomChoice(List<Pipeline> branches) implements Transform {
  public RandomChoice {
    branches = List.copyOf(branches);
    if (branches.isEmpty()) {
      throw new IllegalArgumentException("a choice needs at least one branch");
    }
  }

  @Override
  public Annotated apply(Annotated picture, long seed) {
    int drawn = new SplitMix(seed).nextInt(branches.size());
    return branches.get(drawn).apply(picture, SplitMix.derive(seed, drawn));
  }

  @Override
  public List<Outcome> outcomes(Outcome picture) {
    return branches.stream()
        .flatMap(b -> b.outcomes(List.of(picture)).stream())
        .distinct()
        .toList();
  }

  /** The kinds that every transform of every branch can be applied to. */
  @Override
  public Set<TargetKind> kinds() {
    Set<TargetKind> common = EnumSet.allOf(TargetKind.class);
    branches.forEach(b -> b.transforms().forEach(t -> common.retainAll(t.kinds())));
    return common;
  }
}
