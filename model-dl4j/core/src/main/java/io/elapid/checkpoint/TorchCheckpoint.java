package io.elapid.checkpoint;

import io.elapid.checkpoint.ModelWeights.Variant;
import io.elapid.checkpoint.pickle.PickleException;
import io.elapid.data.InputException;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The weights in a file of {@code torch.save}: a zip file, or the older row of pickles.
 *
 * <p>No Python code is run and no name is looked up: a pickle that uses a name outside {@link
 * TorchGlobals} is refused with it. Weights may stand at the top or in a dictionary under the names
 * that training scripts use; the prefixes of wrappers around the network are taken off.
 *
 * @param key where in the file the weights were, as {@code state_dict}; empty for the top
 * @param tensors by official name, in the file's order
 */
public record TorchCheckpoint(String key, Map<String, NamedTensor> tensors) {
  private static final int PRINTED = 240;
  private static final List<String> PREFIXES = List.of("module.", "_orig_mod.");

  /** Keeps its own copy. */
  public TorchCheckpoint {
    tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
  }

  /**
   * Reads the weights of one variant.
   *
   * @param source what messages call the file
   * @throws InputException if the file is damaged, names code, or holds no such weights
   */
  static TorchCheckpoint read(String source, RandomBytes file, Variant variant) throws IOException {
    if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
      throw new IllegalStateException("PyTorch files need a little-endian machine");
    }
    try {
      TorchFile content = TorchFile.read(file);
      TorchStateDict found = TorchStateDict.find(content.root(), variant);
      Map<String, NamedTensor> tensors = new LinkedHashMap<>();
      String prefix = prefix(found.tensors());
      for (Map.Entry<String, TorchTensor> entry : found.tensors().entrySet()) {
        String name = entry.getKey().substring(prefix.length());
        tensors.put(name, entry.getValue().dense(name, content.storages()));
      }
      return new TorchCheckpoint(found.key(), tensors);
    } catch (PickleException e) {
      throw new InputException(
          "%s is not a usable PyTorch checkpoint: it %s"
              .formatted(source, printable(e.getMessage())),
          "Copy or download the file again, or name another one.",
          e);
    } catch (ForbiddenGlobalException e) {
      throw new InputException(
          "%s names %s, which is not plain data: nothing of the file was used"
              .formatted(source, printable(e.getMessage())),
          "If you trust the file, load it in PyTorch and save only model.state_dict().",
          e);
    } catch (TorchStateDict.NotFoundException e) {
      throw new InputException(source + " " + e.getMessage(), e.remedy(), e);
    }
  }

  /** What all names start with that is no part of the network. */
  private static String prefix(Map<String, TorchTensor> tensors) {
    String prefix = "";
    boolean longer = !tensors.isEmpty();
    while (longer) {
      longer = false;
      for (String part : PREFIXES) {
        String candidate = prefix + part;
        if (tensors.keySet().stream().allMatch(name -> name.startsWith(candidate))) {
          prefix = candidate;
          longer = true;
        }
      }
    }
    return prefix;
  }

  /** Text of a file as it may stand in a message. */
  static String printable(String text) {
    String clean = text.replaceAll("[^\\x20-\\x7e]", "?");
    return clean.length() <= PRINTED ? clean : clean.substring(0, PRINTED) + "...";
  }
}
