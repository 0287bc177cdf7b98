package io.elapid.checkpoint;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a safetensors file holds.
 *
 * @param metadata free text, in the file's order
 * @param tensors by name, in the order of their data
 */
public record TensorFile(Map<String, String> metadata, Map<String, NamedTensor> tensors) {
  public TensorFile {
    metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
  }
}
