package io.elapid.job;

import io.elapid.config.Recipe;
import io.elapid.config.TaskSpec;
import io.elapid.data.image.Image;
import io.elapid.data.image.ImageCodec;
import io.elapid.data.image.UnreadableImageException;
import io.elapid.data.shard.Manifest;
import io.elapid.data.shard.Sample;
import io.elapid.data.source.ClassLabel;
import io.elapid.data.target.ClassTarget;
import io.elapid.observe.MetricsLog;
import io.elapid.observe.Report;
import io.elapid.observe.ReportPage;
import io.elapid.observe.ReportSection;
import io.elapid.observe.RunHistory;
import io.elapid.observe.Thumbnail;
import io.elapid.worker.PictureAnswer;
import io.elapid.worker.PredictTask;
import io.elapid.worker.SplitScore;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Writes the page that shows what a run did: its course, its mistakes, some pictures, and all that
 * it came from.
 */
public final class ReportJob {
  private static final int PICTURES = 32;
  private static final int PAIRS = 8;
  private static final int THUMBNAIL_SIDE = 96;

  private final JavaSparkContext spark;
  private final PredictJob predictions;

  public ReportJob(Session session) {
    this.spark = session.spark();
    this.predictions = new PredictJob(session);
  }

  /**
   * Writes the report of a run into its folder.
   *
   * @param score the final evaluation
   * @return the page
   */
  public Path write(RunFolder folder, SavedModel model, SplitScore score, Recipe recipe)
      throws IOException {
    Configuration hadoop = spark.hadoopConfiguration();
    Path dataset = new Path(recipe.data().requirePath());
    Manifest manifest = Manifest.read(hadoop, dataset);
    RunHistory history = MetricsLog.read(hadoop, folder.root());
    List<String> names = manifest.classes().stream().map(ClassLabel::name).toList();
    boolean classifies = recipe.task().type() == TaskSpec.Type.CLASSIFICATION;
    List<Sample> samples =
        FirstSamples.of(
            hadoop,
            dataset,
            manifest.shards(recipe.data().validationSplit()),
            classifies ? PICTURES : PAIRS);
    Map<String, PictureAnswer> answers = answers(model, samples);
    Report report =
        new Report(
            "%s on %s".formatted(recipe.model().name(), dataset.getName()),
            String.format(
                Locale.ROOT,
                "%s: %s on %,d pictures",
                recipe.name(),
                score.summary(),
                score.samples()),
            history,
            score.confusion().map(matrix -> new Report.Confusion(names, matrix)),
            classifies ? pictures(samples, answers, names) : List.of(),
            Report.RunFacts.of(
                history, duration(history), Map.of("sync", recipe.sync().mode().name())),
            RunTrace.collect(folder),
            recipe.render(),
            provenance(model, manifest));
    List<ReportSection> sections = new ArrayList<>(score.sections(names));
    if (!classifies) {
      try (ReportPairs pairs = new ReportPairs(recipe, names)) {
        sections.add(pairs.section(samples, answers));
      }
    }
    ReportPage.write(hadoop, folder.report(), report, sections);
    return folder.report();
  }

  private static Duration duration(RunHistory history) {
    return history.attempts().stream()
        .flatMap(attempt -> attempt.spent().values().stream())
        .reduce(Duration.ZERO, Duration::plus);
  }

  private static Map<String, String> provenance(SavedModel model, Manifest manifest) {
    Map<String, String> all = new LinkedHashMap<>(model.meta().provenance());
    manifest.createdBy().forEach((name, value) -> all.put("data: " + name, value));
    return all;
  }

  /** What the network says of them, by id. */
  private Map<String, PictureAnswer> answers(SavedModel model, List<Sample> samples)
      throws IOException {
    List<PredictTask.Source> sources =
        samples.stream()
            .<PredictTask.Source>map(s -> new PredictTask.BytesSource(s.id(), s.image()))
            .toList();
    return predictions.answers(model, sources, 1, PredictTask.Drawn.FOR_PAGES).stream()
        .collect(Collectors.toMap(PictureAnswer::path, Function.identity()));
  }

  private static List<Report.Picture> pictures(
      List<Sample> samples, Map<String, PictureAnswer> answers, List<String> names) {
    List<Report.Picture> pictures = new ArrayList<>();
    for (Sample sample : samples) {
      picture(sample, answers.get(sample.id()), names).ifPresent(pictures::add);
    }
    return pictures;
  }

  private static Optional<Report.Picture> picture(
      Sample sample, PictureAnswer answer, List<String> names) {
    if (answer == null || answer.problem() != null) {
      return Optional.empty();
    }
    try {
      Optional<PictureAnswer.Candidate> best = answer.candidates().stream().findFirst();
      Optional<String> truth =
          sample.target() instanceof ClassTarget target
              ? Optional.of(names.get(target.label()))
              : Optional.empty();
      return Optional.of(
          new Report.Picture(
              thumbnail(sample),
              truth,
              best.map(PictureAnswer.Candidate::name).orElse("no answer"),
              best.map(PictureAnswer.Candidate::probability).orElse(Double.NaN)));
    } catch (UnreadableImageException e) {
      return Optional.empty();
    }
  }

  private static Thumbnail thumbnail(Sample sample) throws UnreadableImageException {
    Image image = ImageCodec.decode(sample.image());
    return Thumbnail.of(image.width(), image.height(), image.rgb(), THUMBNAIL_SIDE);
  }
}
