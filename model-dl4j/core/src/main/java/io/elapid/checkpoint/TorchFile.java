package io.elapid.checkpoint;

import io.elapid.checkpoint.pickle.PickleException;
import java.io.IOException;

/**
 * What {@code torch.save} wrote, in either of its two containers.
 *
 * @param root the object that was saved
 * @param storages where its tensors' elements are
 */
record TorchFile(Object root, TorchStorages storages) {
  private static final int HEAD_BYTES = 4;
  private static final byte PROTOCOL_OPCODE = (byte) 0x80;

  static TorchFile read(RandomBytes file) throws IOException {
    byte[] head = new byte[(int) Math.min(HEAD_BYTES, file.length())];
    file.read(0, head, 0, head.length);
    if (isZip(head)) {
      return TorchZip.read(file);
    }
    if (head.length > 0 && head[0] == PROTOCOL_OPCODE) {
      return TorchLegacy.read(file);
    }
    throw new PickleException("starts neither like a zip file nor like a pickle");
  }

  /** Whether a file that starts like that may be one of these. */
  static boolean recognises(byte[] head) {
    return isZip(head) || isPickle(head);
  }

  private static boolean isZip(byte[] head) {
    return head.length >= HEAD_BYTES
        && head[0] == 'P'
        && head[1] == 'K'
        && head[2] == 3
        && head[3] == 4;
  }

  // A safetensors file starts with its header's length, whose fourth byte counts 16 MiB.
  private static boolean isPickle(byte[] head) {
    return head.length >= HEAD_BYTES
        && head[0] == PROTOCOL_OPCODE
        && head[1] >= 2
        && head[1] <= 5
        && head[3] != 0;
  }
}
