package io.elapid.backend.cuda;

import io.elapid.data.InputException;
import java.util.Arrays;
import java.util.Locale;

/** What of a network is computed on the GPU. */
enum Offload {
  /**
   * State spaces only, while tensors live in the memory of the CPU, so that every operation pays
   * for copies: these compute much for each number that is copied.
   */
  STATE_SPACE,
  /**
   * Everything that there is a kernel for, with copies all the same: what contract tests ask for.
   */
  ALL,
  /**
   * Everything that there is a kernel for, on tensors in unified memory, which stay on the device
   * from one operation to the next.
   */
  NETWORK;

  /** System property with the choice; where it is not set, as much as the device can. */
  static final String PROPERTY = "elapid.cuda.offload";

  /**
   * What this process is to do on that device.
   *
   * @throws InputException if the choice is none, or the device cannot do it
   */
  static Offload ofProcess(Device device) {
    String text = System.getProperty(PROPERTY, "");
    if (text.isEmpty()) {
      return device.hasUnifiedMemory() ? NETWORK : STATE_SPACE;
    }
    Offload asked =
        Arrays.stream(values())
            .filter(offload -> offload.toString().equals(text))
            .findFirst()
            .orElseThrow(
                () ->
                    new InputException(
                        "no work for a GPU is called '%s', which %s is".formatted(text, PROPERTY),
                        "there are: " + Arrays.toString(values())));
    if (asked == NETWORK && !device.hasUnifiedMemory()) {
      throw new InputException(
          "%s computes in no memory that the CPU may use meanwhile, which -D%s=%s needs"
              .formatted(device.description(), PROPERTY, text),
          "leave the property out, or say " + STATE_SPACE);
    }
    return asked;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
