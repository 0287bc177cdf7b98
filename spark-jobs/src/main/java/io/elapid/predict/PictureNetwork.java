package io.elapid.predict;

import java.util.List;

/** A network and the way of pictures to it. Made and closed in the network's thread. */
interface PictureNetwork extends AutoCloseable {

  /**
   * Answers for all pictures, in the order that suits the network: decodes them in the calling
   * thread, computes in the network's.
   */
  void answer(List<? extends Picture> pictures, NetworkThread thread, Answered each);

  /** Takes answers, in the thread that asked. */
  @FunctionalInterface
  interface Answered {
    /** Of the picture of that index. */
    void take(int index, Answer answer);
  }

  @Override
  void close();
}
