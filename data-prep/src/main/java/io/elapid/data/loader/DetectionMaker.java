package io.elapid.data.loader;

import io.elapid.data.augment.Annotated;
import io.elapid.data.image.Size;
import io.elapid.data.image.UnreadableImageException;
import io.elapid.data.shard.Sample;
import io.elapid.data.target.Instances;
import io.elapid.data.target.ObjectTarget;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** Batches of pictures with objects, laid into a frame when all of them are decoded. */
final class DetectionMaker implements BatchMaker<DetectionBatch> {
  private final FramedSettings settings;
  private final Instances.Parts parts;
  private final FrameImages images;

  DetectionMaker(FramedSettings settings, Instances.Parts parts, FrameSizes frames, int capacity) {
    this.settings = settings;
    this.parts = parts;
    this.images =
        new FrameImages(
            settings.normalization(), frames, capacity, settings.background().prefetch() + 2);
  }

  @Override
  public Rows<DetectionBatch> begin(BatchPlan.Encoded encoded) {
    return new ObjectRows(encoded);
  }

  @Override
  public void recycle(DetectionBatch batch) {
    images.recycle(batch.images());
  }

  private final class ObjectRows implements Rows<DetectionBatch> {
    private final int capacity;
    private final AtomicReferenceArray<Annotated> decoded;

    ObjectRows(BatchPlan.Encoded encoded) {
      this.capacity = encoded.capacity();
      this.decoded = new AtomicReferenceArray<>(encoded.samples().size());
    }

    @Override
    public void decode(int row, Sample sample, long seed) throws UnreadableImageException {
      Annotated picture = SamplePictures.decode(sample, parts);
      decoded.set(row, settings.pipeline().apply(picture, seed));
    }

    @Override
    public DetectionBatch finish(List<Row> rows) {
      List<Annotated> pictures = rows.stream().map(row -> decoded.get(row.index())).toList();
      Size frame = images.frame(pictures);
      List<DetectionBatch.DetectionSample> samples = new ArrayList<>();
      for (int i = 0; i < rows.size(); i++) {
        Row row = rows.get(i);
        Annotated picture = pictures.get(i);
        samples.add(
            new DetectionBatch.DetectionSample(
                row.sample().id(),
                row.seed(),
                picture.size(),
                picture.geometry(),
                (Instances) picture.truth(),
                (ObjectTarget) row.sample().target()));
      }
      return new DetectionBatch(images.fill(pictures, frame), frame, samples, capacity);
    }
  }
}
