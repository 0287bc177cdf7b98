package io.elapid.data.loader;

import io.elapid.data.InputException;
import io.elapid.data.augment.Annotated;
import io.elapid.data.image.LabelMap;
import io.elapid.data.image.Size;
import io.elapid.data.image.UnreadableImageException;
import io.elapid.data.shard.Sample;
import io.elapid.data.target.Instances;
import io.elapid.data.target.PixelClasses;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** Batches of pictures with label maps, laid into a frame when all of them are decoded. */
final class SegmentationMaker implements BatchMaker<SegmentationBatch> {
  private final FramedSettings settings;
  private final FrameImages images;
  private final FrameBuffers labels;

  SegmentationMaker(FramedSettings settings, FrameSizes frames, int capacity) {
    int keep = settings.background().prefetch() + 2;
    this.settings = settings;
    this.images = new FrameImages(settings.normalization(), frames, capacity, keep);
    this.labels = new FrameBuffers(capacity * frames.area(), keep);
  }

  @Override
  public Rows<SegmentationBatch> begin(BatchPlan.Encoded encoded) {
    return new LabelledRows(encoded);
  }

  @Override
  public void recycle(SegmentationBatch batch) {
    images.recycle(batch.images());
    labels.give(batch.labels());
  }

  /** A picture after its transforms, and the labels it had before. */
  private record Decoded(Annotated picture, LabelMap stored) {}

  private final class LabelledRows implements Rows<SegmentationBatch> {
    private final int capacity;
    private final AtomicReferenceArray<Decoded> decoded;

    LabelledRows(BatchPlan.Encoded encoded) {
      this.capacity = encoded.capacity();
      this.decoded = new AtomicReferenceArray<>(encoded.samples().size());
    }

    @Override
    public void decode(int row, Sample sample, long seed) throws UnreadableImageException {
      Annotated picture = SamplePictures.decode(sample, Instances.Parts.BOXES);
      LabelMap stored = labelsOf(settings.pipeline().named(picture));
      check(stored, sample.id());
      decoded.set(row, new Decoded(settings.pipeline().apply(picture, seed), stored));
    }

    @Override
    public SegmentationBatch finish(List<Row> rows) {
      List<Decoded> all = rows.stream().map(row -> decoded.get(row.index())).toList();
      List<Annotated> pictures = all.stream().map(Decoded::picture).toList();
      Size frame = images.frame(pictures);
      List<SegmentationBatch.SegmentationSample> samples = new ArrayList<>();
      for (int i = 0; i < rows.size(); i++) {
        Annotated picture = pictures.get(i);
        samples.add(
            new SegmentationBatch.SegmentationSample(
                rows.get(i).sample().id(),
                rows.get(i).seed(),
                picture.size(),
                picture.geometry(),
                all.get(i).stored()));
      }
      return new SegmentationBatch(
          images.fill(pictures, frame), fill(pictures, frame), frame, samples, capacity);
    }

    private ByteBuffer fill(List<Annotated> pictures, Size frame) {
      ByteBuffer out = labels.take(capacity * frame.area());
      byte[] row = new byte[frame.width()];
      for (int sample = 0; sample < capacity; sample++) {
        LabelMap map = sample < pictures.size() ? labelsOf(pictures.get(sample)) : null;
        for (int y = 0; y < frame.height(); y++) {
          Arrays.fill(row, (byte) LabelMap.IGNORED);
          if (map != null && y < map.height()) {
            System.arraycopy(map.values(), y * map.width(), row, 0, map.width());
          }
          out.put((sample * frame.height() + y) * frame.width(), row);
        }
      }
      return out;
    }
  }

  private static LabelMap labelsOf(Annotated picture) {
    return ((PixelClasses) picture.truth()).labels();
  }

  private void check(LabelMap stored, String id) {
    long[] histogram = stored.histogram();
    for (int label = settings.classes(); label < LabelMap.IGNORED; label++) {
      if (histogram[label] > 0) {
        throw new InputException(
            "sample %s has the label %d, the model %d classes"
                .formatted(id, label, settings.classes()),
            "let the recipe's transforms begin with reduce-zero-label, or use another model");
      }
    }
  }
}
