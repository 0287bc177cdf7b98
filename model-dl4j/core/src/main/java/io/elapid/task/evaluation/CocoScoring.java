package io.elapid.task.evaluation;

import io.elapid.data.source.ClassLabel;
import io.elapid.data.source.CocoTruth;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Results in COCO's submission form, measured against an annotation file.
 *
 * @param classes in index order, as those of the results
 * @param problems annotations that could not be used
 */
public record CocoScoring(List<ClassLabel> classes, CocoResults results, List<String> problems) {

  /**
   * Measures a file of results, whatever program wrote it. All pictures that are annotated count,
   * those that nothing was found in too.
   *
   * @param annotations a file "instances_..."
   * @param results a list of entries
   * @throws io.elapid.data.InputException if one of the files is damaged, or results are of
   *     pictures or categories that the annotations do not have
   * @throws IOException when the storage fails
   */
  public static CocoScoring of(
      Configuration conf, Path annotations, Path results, IouType type, DetectionLimits limits)
      throws IOException {
    CocoTruth truth = CocoTruth.read(conf, annotations);
    Map<Long, List<Detection>> found = CocoResultsReader.read(conf, results, truth, type);
    CocoEvaluator evaluator =
        new CocoEvaluator(type, ClassGrouping.BY_CLASS, truth.classes().size());
    truth
        .pictures()
        .forEach(
            (id, picture) ->
                evaluator.add(picture.target(), picture.size(), found.getOrDefault(id, List.of())));
    return new CocoScoring(truth.classes(), evaluator.results(limits), truth.problems());
  }
}
