package io.elapid.graph;

import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * What a classifier says about a batch of pictures.
 *
 * @param logits the network's answer, (batch, classes): the mean of the heads where there are
 *     several
 * @param heads what the loss of training averages over, each (batch, classes)
 */
public record Scores(SDVariable logits, List<SDVariable> heads) {

  /** At least one head. */
  public Scores {
    heads = List.copyOf(heads);
    if (heads.isEmpty()) {
      throw new IllegalArgumentException("a classifier needs a head");
    }
  }

  /** The scores of a network with one head. */
  public static Scores of(SDVariable logits) {
    return new Scores(logits, List.of(logits));
  }
}
