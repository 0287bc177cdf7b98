package io.elapid.task.detection;

import io.elapid.box.Boxes;
import io.elapid.data.SplitMix;
import io.elapid.data.loader.DetectionBatch;
import io.elapid.data.loader.DetectionBatch.DetectionSample;
import io.elapid.data.target.Instance;
import io.elapid.data.target.Mask;
import io.elapid.engine.Buffers;
import io.elapid.engine.Ports;
import io.elapid.kernel.Roi;
import io.elapid.op.RegionTargets;
import java.nio.FloatBuffer;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;

/** Names and shapes under which the pictures and objects of a second stage meet the engine. */
final class RegionPorts {
  private static final String TRUTHS = "truths";
  private static final String PICTURES = "pictures";
  private static final String BITMAPS = "bitmaps";
  private static final int PADDING = -1;

  /** Not to be changed: seeds are part of what makes a run repeatable. */
  private static final long SECOND_STAGE = 3;

  private RegionPorts() {}

  /** Declares sizes and seeds of the pictures. */
  static SDVariable pictures(Ports ports) {
    return ports.input(PICTURES, ports.frame().batch(), RegionTargets.PICTURE);
  }

  /** Declares pictures and so many objects of each. */
  static RegionTargets.Objects objects(Ports ports, int objects) {
    long batch = ports.frame().batch();
    long packed = packedWidth(ports.frame().width());
    return new RegionTargets.Objects(
        ports.input(TRUTHS, batch, objects, Roi.NUMBERS),
        pictures(ports),
        ports.input(BITMAPS, batch, objects, ports.frame().height(), packed));
  }

  private static int packedWidth(int width) {
    return (width + RegionTargets.PACKED - 1) / RegionTargets.PACKED;
  }

  /** Writes what {@link #pictures} declared; rows without a sample are empty pictures. */
  static void writePictures(DetectionBatch batch, Buffers inputs) {
    FloatBuffer pictures = inputs.floats(PICTURES);
    for (DetectionSample sample : batch.samples()) {
      pictures.put(sample.content().width()).put(sample.content().height());
      long seed = SplitMix.derive(sample.seed(), SECOND_STAGE);
      for (int shift = 48; shift >= 0; shift -= 16) {
        pictures.put((float) ((seed >>> shift) & 0xffff));
      }
    }
    while (pictures.hasRemaining()) {
      pictures.put(0);
    }
  }

  /** Writes classes and boxes of the objects of a full batch. */
  static void writeObjects(List<Truths> pictures, Buffers inputs) {
    FloatBuffer all = inputs.floats(TRUTHS);
    int objects = objects(inputs);
    for (Truths truths : pictures) {
      Boxes boxes = truths.boxes();
      for (int i = 0; i < objects; i++) {
        boolean real = i < boxes.size();
        all.put(real ? truths.labels()[i] : PADDING);
        for (int side = 0; side < 4; side++) {
          all.put(real ? boxes.corners()[4 * i + side] : 0);
        }
      }
    }
  }

  private static int objects(Buffers inputs) {
    return (int) inputs.shape(TRUTHS)[1];
  }

  /** Writes bitmaps of the same objects; those of padding keep what they hold, nobody reads it. */
  static void writeBitmaps(DetectionBatch batch, Buffers inputs) {
    FloatBuffer all = inputs.floats(BITMAPS);
    int objects = objects(inputs);
    int rows = batch.frame().height();
    int columns = packedWidth(batch.frame().width());
    for (int image = 0; image < batch.samples().size(); image++) {
      DetectionSample sample = batch.samples().get(image);
      int written = 0;
      List<Instance> instances = sample.instances().list();
      for (int i = 0; i < instances.size() && written < objects; i++) {
        if (instances.get(i).role() == Instance.Role.WANTED) {
          all.position((image * objects + written++) * rows * columns);
          write(sample.instances().mask(i), rows, columns, all);
        }
      }
    }
  }

  /** Pixels right and below of the mask are outside. */
  private static void write(Mask mask, int rows, int columns, FloatBuffer all) {
    for (int y = 0; y < rows; y++) {
      for (int column = 0; column < columns; column++) {
        int bits = 0;
        for (int k = 0; k < RegionTargets.PACKED; k++) {
          int x = column * RegionTargets.PACKED + k;
          boolean inside = y < mask.height() && x < mask.width() && mask.contains(x, y);
          bits = (bits << 1) | (inside ? 1 : 0);
        }
        all.put(bits);
      }
    }
  }
}
