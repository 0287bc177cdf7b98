package io.elapid.task.detection;

import io.elapid.data.loader.DetectionBatch;
import io.elapid.data.target.Instances;
import io.elapid.engine.Buffers;
import io.elapid.engine.Network;
import io.elapid.task.evaluation.Detection;
import java.util.List;

/** A network that finds objects. */
public sealed interface ObjectNetwork extends Network<DetectionBatch>
    permits RetinaNet, SsdLite, MaskRcnn {

  /** What of objects it learns from and finds. */
  Instances.Parts parts();

  /**
   * What was found in each picture of a batch, the surest first, in pixels of the original
   * pictures.
   *
   * @param outputs of the answering form
   */
  List<List<Detection>> found(DetectionBatch batch, Buffers outputs);
}
