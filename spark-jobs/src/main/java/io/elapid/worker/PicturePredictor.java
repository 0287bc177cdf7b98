package io.elapid.worker;

import io.elapid.predict.Prediction;
import java.io.IOException;

/** Answers for one picture after the other, and draws what was found over it. */
interface PicturePredictor extends AutoCloseable {

  /**
   * What is found in a picture; one that cannot be read gets the reason.
   *
   * @param encoded a JPEG or PNG file
   */
  Prediction predict(String name, byte[] encoded) throws IOException;

  @Override
  void close();
}
