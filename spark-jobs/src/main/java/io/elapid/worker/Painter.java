package io.elapid.worker;

import io.elapid.data.image.Image;
import io.elapid.data.image.ImageCodec;
import io.elapid.data.image.JpegEncoder;
import io.elapid.data.image.UnreadableImageException;
import io.elapid.observe.Drawing;
import io.elapid.observe.Mark;
import io.elapid.predict.Answer;
import io.elapid.predict.Picture;
import io.elapid.predict.Prediction;
import java.io.IOException;
import java.util.List;

/** Draws what was found within pictures over them. */
final class Painter implements AutoCloseable {
  private static final double QUALITY = 0.9;

  /** Objects that the network is less sure of are not drawn. */
  private static final double SURE = 0.3;

  private final List<String> classes;
  private final PredictTask.Drawn drawn;
  private final JpegEncoder encoder = new JpegEncoder();

  /**
   * For the classes of a network.
   *
   * @param classes names by index
   */
  Painter(List<String> classes, PredictTask.Drawn drawn) {
    this.classes = List.copyOf(classes);
    this.drawn = drawn;
  }

  /** The answer with the picture drawn; as it is where there is nothing to draw. */
  PictureAnswer painted(PictureAnswer answer, Picture picture, Prediction prediction) {
    if (prediction.answer() instanceof Answer.Classes
        || prediction.answer() instanceof Answer.Unreadable) {
      return answer;
    }
    try {
      Image image = ImageCodec.decodeUpright(picture.read());
      Drawing drawing = new Drawing(classes, drawn.side(image));
      return answer.withPainted(encoder.encode(over(drawing, image, prediction), QUALITY));
    } catch (UnreadableImageException | IOException e) {
      return new PictureAnswer(
          answer.path(), List.of(), "was readable at first: " + e.getMessage());
    }
  }

  private static Image over(Drawing drawing, Image image, Prediction prediction) {
    return prediction.answer() instanceof Answer.Labels labels
        ? drawing.labelled(image, labels.map().withZero())
        : drawing.marked(image, Mark.found(prediction.objects(), SURE));
  }

  @Override
  public void close() {
    encoder.close();
  }
}
