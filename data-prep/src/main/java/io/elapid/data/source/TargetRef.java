package io.elapid.data.source;

import java.io.Serializable;
import java.util.Objects;

/** What a listing knows of a sample's target. */
public sealed interface TargetRef extends Serializable {

  /**
   * All there is to know.
   *
   * @param label class index
   */
  record OfClass(int label) implements TargetRef {
    private static final long serialVersionUID = 1L;
  }

  /**
   * The objects are listed one by one.
   *
   * @param imageId the data set's own number of the picture
   * @param width that its annotators saw, in pixels
   * @param height that its annotators saw, in pixels
   */
  record OfObjects(long imageId, int width, int height) implements TargetRef {
    private static final long serialVersionUID = 1L;
  }

  /**
   * A picture of labels.
   *
   * @param path of its file, as a full Hadoop path
   * @param length in bytes
   * @param scene what kind of place the picture shows; empty where nobody said
   * @param classes how many classes there are besides 0, "other"
   */
  record OfLabelMap(String path, long length, String scene, int classes) implements TargetRef {
    private static final long serialVersionUID = 1L;

    public OfLabelMap {
      Objects.requireNonNull(path, "path");
      Objects.requireNonNull(scene, "scene");
    }
  }
}
