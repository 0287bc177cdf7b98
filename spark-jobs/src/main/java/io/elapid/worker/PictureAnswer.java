package io.elapid.worker;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.elapid.predict.Answer;
import io.elapid.predict.FoundObject;
import io.elapid.predict.PixelMask;
import io.elapid.predict.Prediction;
import java.io.Serializable;
import java.util.List;

/**
 * What matters most of a {@link Prediction}, small enough to be gathered from all executors, in the
 * form that {@code elapid predict --json} writes.
 *
 * @param path the picture
 * @param candidates the likeliest classes, best first; ties by lower index. Of objects, the surest
 *     ones with their classes; maybe none
 * @param problem why there are none; null otherwise
 * @param painted JPEG of the picture with what was found drawn over; empty where nothing is drawn
 */
public record PictureAnswer(
    String path, List<Candidate> candidates, String problem, @JsonIgnore byte[] painted)
    implements Serializable {

  /** One for all, so that answers that say the same are equal. */
  private static final byte[] NOTHING = new byte[0];

  /** Where nothing is drawn. */
  public PictureAnswer(String path, List<Candidate> candidates, String problem) {
    this(path, candidates, problem, NOTHING);
  }

  /**
   * One class and how likely it is.
   *
   * @param index class index
   * @param name class name, or the index in words where the weights carry no names
   * @param probability softmax of the logits; of classes of pixels, the share of the picture; of
   *     objects, the score
   * @param place where an object is; null for what is no object
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Candidate(int index, String name, double probability, Place place)
      implements Serializable {
    private static Candidate of(Prediction.Candidate candidate) {
      return new Candidate(candidate.index(), candidate.name(), candidate.probability(), null);
    }

    private static Candidate of(FoundObject object) {
      return new Candidate(object.index(), object.name(), object.score(), Place.of(object));
    }
  }

  /**
   * Where an object is, in pixels of the picture.
   *
   * @param x left edge of its box
   * @param y upper edge
   * @param mask its run lengths down the columns as COCO writes them; null where only boxes are
   *     found
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Place(double x, double y, double width, double height, String mask)
      implements Serializable {
    private static Place of(FoundObject object) {
      return new Place(
          object.x1(),
          object.y1(),
          object.width(),
          object.height(),
          object.mask().map(PixelMask::counts).orElse(null));
    }
  }

  /**
   * That of a prediction, with nothing drawn.
   *
   * @param top candidates, at most
   */
  public static PictureAnswer of(Prediction prediction, int top) {
    List<Candidate> candidates =
        prediction.answer() instanceof Answer.Objects objects
            ? objects.found().stream().limit(top).map(Candidate::of).toList()
            : prediction.candidates().stream().limit(top).map(Candidate::of).toList();
    return new PictureAnswer(prediction.path(), candidates, prediction.problem());
  }

  PictureAnswer withPainted(byte[] jpeg) {
    return new PictureAnswer(path, candidates, problem, jpeg);
  }
}
