package io.elapid.worker;

import io.elapid.config.Recipe;
import io.elapid.data.image.Image;
import io.elapid.data.image.LabelMap;
import io.elapid.data.image.Size;
import io.elapid.data.loader.FramedLoader;
import io.elapid.data.loader.FramedPictures;
import io.elapid.data.loader.FramedSettings;
import io.elapid.data.loader.SegmentationBatch;
import io.elapid.data.source.ClassLabel;
import io.elapid.engine.Buffers;
import io.elapid.engine.Network;
import io.elapid.observe.Drawing;
import io.elapid.predict.Prediction;
import io.elapid.task.evaluation.LabelMapFile;
import io.elapid.task.evaluation.SegmentationMetrics;
import io.elapid.task.segmentation.Segmenter;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** A class for every pixel. */
record LabelForm(Recipe recipe, int classes, Segmenter segmenter)
    implements DenseForm<SegmentationBatch, LabelMap> {

  LabelForm(Recipe recipe, int classes) {
    this(recipe, classes, DenseNetworks.labels(recipe, classes));
  }

  @Override
  public Network<SegmentationBatch> network() {
    return segmenter;
  }

  @Override
  public FramedLoader<SegmentationBatch> loader(FramedSettings settings) {
    return FramedLoader.ofLabels(settings);
  }

  @Override
  public FramedPictures<SegmentationBatch> pictures(
      FramedSettings settings, Map<Size, Long> sizes) {
    return FramedPictures.ofLabels(settings, sizes);
  }

  @Override
  public List<LabelMap> found(SegmentationBatch batch, Buffers outputs) {
    List<byte[]> labels = segmenter.labels(batch, outputs);
    return IntStream.range(0, labels.size())
        .mapToObj(
            row -> {
              Size size = batch.samples().get(row).geometry().original();
              return new LabelMap(size.width(), size.height(), labels.get(row));
            })
        .toList();
  }

  @Override
  public Judge<SegmentationBatch, LabelMap> judge(Optional<ShareResults> results) {
    SegmentationMetrics metrics = new SegmentationMetrics(classes);
    return new Judge<>() {
      @Override
      public void add(SegmentationBatch batch, int row, LabelMap found) throws IOException {
        SegmentationBatch.SegmentationSample sample = batch.samples().get(row);
        metrics.add(sample.stored(), found);
        if (results.isPresent()) {
          ShareResults.Folder folder = results.get().folder();
          LabelMapFile.write(folder.hadoop(), folder.path(), sample.id(), found);
        }
      }

      @Override
      public SplitScore finish() {
        return new SegmentationScore(metrics, RankSetup.absent(recipe));
      }
    };
  }

  @Override
  public SplitScore merged(List<String> shares) {
    SegmentationMetrics all = new SegmentationMetrics(classes);
    shares.stream().map(SegmentationMetrics::fromJson).forEach(all::merge);
    return new SegmentationScore(all, RankSetup.absent(recipe));
  }

  /** Every picture has a file of its own, which its share has written. */
  @Override
  public void publish(ShareResults.Folder folder, int shares) {}

  /** The classes with the most pixels, with their share of them. */
  @Override
  public List<Prediction.Candidate> candidates(LabelMap found, List<ClassLabel> labels, int top) {
    long[] pixels = found.histogram();
    return IntStream.range(0, pixels.length)
        .filter(label -> pixels[label] > 0)
        .boxed()
        .sorted(Comparator.comparingLong((Integer label) -> -pixels[label]))
        .limit(top)
        .map(
            label ->
                new Prediction.Candidate(
                    label,
                    Prediction.name(labels, label),
                    (double) pixels[label] / found.values().length))
        .toList();
  }

  @Override
  public Image drawn(Drawing drawing, Image picture, LabelMap found) {
    return drawing.labelled(picture, found.withZero());
  }
}
