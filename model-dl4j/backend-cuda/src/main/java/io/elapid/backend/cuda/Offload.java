package io.elapid.backend.cuda;

import io.elapid.data.InputException;
import io.elapid.kernel.Accelerator;
import java.util.Arrays;
import java.util.Locale;

/** What of a network is computed on the GPU. */
enum Offload {
  /**
   * State spaces only, while tensors live in the memory of the CPU, so that every operation pays
   * for copies: these compute much for each number that is copied.
   */
  STATE_SPACES,
  /** Everything that there is a kernel for, with copies all the same: for tests. */
  COPIED,
  /**
   * Everything that there is a kernel for, on tensors in unified memory, which stay on the device
   * from one operation to the next.
   */
  NETWORK;

  /**
   * What {@link Accelerator#WORK} names, {@code network} where it is not set; {@link #STATE_SPACES}
   * if the device cannot do that.
   *
   * @throws InputException if that is no kind of work
   */
  static Offload ofProcess(Device device) {
    String text = System.getProperty(Accelerator.WORK, NETWORK.toString());
    Offload asked =
        Arrays.stream(values())
            .filter(offload -> offload.toString().equals(text))
            .findFirst()
            .orElseThrow(
                () ->
                    new InputException(
                        "GPUs compute no '%s', which %s is".formatted(text, Accelerator.WORK),
                        "there are: " + Arrays.toString(values())));
    return asked == NETWORK && !device.hasUnifiedMemory() ? STATE_SPACES : asked;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
