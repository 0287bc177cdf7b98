package io.elapid.worker;

import io.elapid.config.Recipe;
import io.elapid.config.RecipeNetworks;
import io.elapid.data.image.LabelMap;
import io.elapid.data.loader.FramedLoader;
import io.elapid.data.loader.FramedSettings;
import io.elapid.data.loader.SegmentationBatch;
import io.elapid.engine.Buffers;
import io.elapid.engine.Network;
import io.elapid.task.evaluation.LabelMapFile;
import io.elapid.task.evaluation.SegmentationMetrics;
import io.elapid.task.segmentation.Segmenter;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** A class for every pixel. */
record LabelForm(Recipe recipe, int classes, Segmenter segmenter)
    implements DenseForm<SegmentationBatch, LabelMap> {

  LabelForm(Recipe recipe, int classes) {
    this(recipe, classes, RecipeNetworks.labels(recipe, classes));
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
  public List<LabelMap> found(SegmentationBatch batch, Buffers outputs) {
    return segmenter.found(batch, outputs);
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
}
