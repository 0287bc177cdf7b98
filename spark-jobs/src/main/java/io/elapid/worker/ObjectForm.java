package io.elapid.worker;

import io.elapid.config.Recipe;
import io.elapid.config.RecipeNetworks;
import io.elapid.data.image.Size;
import io.elapid.data.loader.DetectionBatch;
import io.elapid.data.loader.FramedLoader;
import io.elapid.data.loader.FramedSettings;
import io.elapid.data.target.Instances;
import io.elapid.engine.Buffers;
import io.elapid.engine.Network;
import io.elapid.task.detection.ObjectNetwork;
import io.elapid.task.evaluation.ClassGrouping;
import io.elapid.task.evaluation.CocoEvaluator;
import io.elapid.task.evaluation.CocoResultsWriter;
import io.elapid.task.evaluation.Detection;
import io.elapid.task.evaluation.IouType;
import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Objects: their boxes and classes, and of some networks their masks. */
record ObjectForm(Recipe recipe, int classes, ObjectNetwork objects)
    implements DenseForm<DetectionBatch, List<Detection>> {
  ObjectForm(Recipe recipe, int classes) {
    this(recipe, classes, RecipeNetworks.objects(recipe, classes));
  }

  @Override
  public Network<DetectionBatch> network() {
    return objects;
  }

  @Override
  public FramedLoader<DetectionBatch> loader(FramedSettings settings) {
    return FramedLoader.ofObjects(settings, objects.parts());
  }

  @Override
  public List<List<Detection>> found(DetectionBatch batch, Buffers outputs) {
    return objects.found(batch, outputs);
  }

  /** What is laid over what to be measured. */
  private List<IouType> types() {
    return objects.parts() == Instances.Parts.BOXES
        ? List.of(IouType.BBOX)
        : List.of(IouType.BBOX, IouType.SEGM);
  }

  @Override
  public Judge<DetectionBatch, List<Detection>> judge(Optional<ShareResults> results) {
    return new ObjectJudge(results);
  }

  private final class ObjectJudge implements Judge<DetectionBatch, List<Detection>> {
    private final Map<IouType, CocoEvaluator> evaluators = new EnumMap<>(IouType.class);
    private final Map<IouType, CocoResultsWriter> writers = new EnumMap<>(IouType.class);
    private final Optional<ShareResults> results;

    ObjectJudge(Optional<ShareResults> results) {
      this.results = results;
      for (IouType type : types()) {
        evaluators.put(type, new CocoEvaluator(type, ClassGrouping.BY_CLASS, classes));
        results.ifPresent(r -> writers.put(type, new CocoResultsWriter(type, r.categoryIds())));
      }
    }

    @Override
    public void add(DetectionBatch batch, int row, List<Detection> found) {
      DetectionBatch.DetectionSample sample = batch.samples().get(row);
      Size picture = sample.geometry().original();
      // of boxes, the size is that of the box whether there is a mask or not
      List<Detection> boxes = found.stream().map(Detection::withoutMask).toList();
      evaluators.forEach(
          (type, evaluator) ->
              evaluator.add(sample.stored(), picture, type == IouType.BBOX ? boxes : found));
      writers.values().forEach(writer -> writer.add(sample.stored().imageId(), found));
    }

    @Override
    public SplitScore finish() throws IOException {
      for (Map.Entry<IouType, CocoResultsWriter> writer : writers.entrySet()) {
        ShareResults place = results.orElseThrow();
        writer.getValue().write(place.folder().hadoop(), place.objects(writer.getKey()));
      }
      return DetectionScore.of(List.copyOf(evaluators.values()), RankSetup.limits(recipe));
    }
  }

  @Override
  public SplitScore merged(List<String> shares) {
    return DetectionScore.merged(shares, RankSetup.limits(recipe));
  }

  @Override
  public void publish(ShareResults.Folder folder, int shares) throws IOException {
    folder.join(types(), shares);
  }
}
