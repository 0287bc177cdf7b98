package io.elapid.data.source;

import java.io.Serializable;
import java.util.Objects;

/**
 * A class of a data set.
 *
 * @param index what the network learns: the rank of {@code id} among the sorted ids
 * @param id the data set's own identifier, for ImageNet a WordNet id such as n01440764
 * @param name words for people, the id where none are known; not unique
 */
public record ClassLabel(int index, String id, String name) implements Serializable {
  public ClassLabel {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(name, "name");
  }
}
