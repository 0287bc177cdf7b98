package io.elapid.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.elapid.data.image.Image;
import io.elapid.data.image.LabelMap;
import io.elapid.data.image.Orientation;
import io.elapid.data.image.PngEncoder;
import io.elapid.data.image.Size;
import io.elapid.data.target.Box;
import io.elapid.data.target.Mask;
import io.elapid.data.target.MaskRaster;
import io.elapid.data.target.ObjectAnnotation;
import io.elapid.data.target.ObjectAnnotation.Extent;
import io.elapid.data.target.ObjectTarget;
import io.elapid.data.target.RunLengths;
import io.elapid.data.target.Segmentation.RunLength;
import io.elapid.predict.FoundObject;
import io.elapid.task.evaluation.ClassGrouping;
import io.elapid.task.evaluation.CocoEvaluator;
import io.elapid.task.evaluation.CocoResults;
import io.elapid.task.evaluation.Detection;
import io.elapid.task.evaluation.DetectionLimits;
import io.elapid.task.evaluation.IouType;
import io.elapid.task.evaluation.SegmentationMetrics;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.Test;

/** What a page shows of detections and label maps, and how they are drawn. */
class ReportSectionTest {
  private static final Size PICTURE = new Size(80, 60);
  private static final List<String> NAMES = List.of("disc", SampleReports.HOSTILE, "star");
  private static final RunLength MASK = RunLengths.ofBox(10, 20, 20, 20, 80, 60);
  private static final ObjectTarget TARGET =
      new ObjectTarget(
          1,
          Orientation.UPRIGHT,
          List.of(
              object(1, 0, MASK, Extent.OBJECT),
              object(2, 1, RunLengths.ofBox(50, 20, 20, 20, 80, 60), Extent.OBJECT),
              object(3, 1, RunLengths.ofBox(0, 50, 80, 10, 80, 60), Extent.CROWD)));
  private static final List<Detection> FOUND =
      List.of(
          Detection.of(0, 0.9, new Box(10, 20, 30, 40), MASK),
          Detection.of(1, 0.3, new Box(0, 0, 10, 10), RunLengths.ofBox(0, 0, 10, 10, 80, 60)));

  private static List<FoundObject> found() {
    return FOUND.stream().map(object -> FoundObject.of(object, List.of())).toList();
  }

  private static ObjectAnnotation object(long id, int label, RunLength mask, Extent extent) {
    Box box = RunLengths.bounds(mask);
    return new ObjectAnnotation(
        id,
        label,
        label,
        box.left(),
        box.top(),
        box.width(),
        box.height(),
        mask.area(),
        extent,
        mask);
  }

  private static CocoResults results(IouType type) {
    CocoEvaluator evaluator = new CocoEvaluator(type, ClassGrouping.BY_CLASS, NAMES.size());
    evaluator.add(TARGET, PICTURE, FOUND);
    return evaluator.results(DetectionLimits.PYCOCOTOOLS);
  }

  private static Document page(ReportSection... sections) {
    return Jsoup.parse(ReportPage.html(SampleReports.of(0, 3), List.of(sections)));
  }

  @Test
  void detectionShowsTheTwelveNumbersCurvesAndEveryClass() {
    Document page =
        page(
            ReportSection.detection(NAMES, results(IouType.BBOX)),
            ReportSection.detection(NAMES, results(IouType.SEGM)));
    assertThat(page.select("#section-boxes .tile").eachText())
        .hasSize(12)
        .startsWith("AP 50.0 %", "AP50 50.0 %")
        .contains("APl \u2013");
    assertThat(page.select("#section-boxes polyline")).hasSize(3);
    assertThat(page.select("#section-boxes .legend li").eachText())
        .containsExactly("overlap 0.5", "overlap 0.75", "overlap 0.9");
    assertThat(page.select("#section-masks tbody tr").eachText())
        .containsExactly(
            "disc 1 100.0 % 100.0 % 100.0 % 100.0 %",
            SampleReports.HOSTILE + " 1 0.0 % 0.0 % 0.0 % 0.0 %",
            "star 0 \u2013 \u2013 \u2013 \u2013");
    assertThat(page.select("script:not([type])")).hasSize(1);
    assertThatThrownBy(() -> ReportSection.detection(List.of("a"), results(IouType.BBOX)))
        .hasMessageContaining("1 names for 3 classes");
  }

  @Test
  void segmentationShowsBothMeansEveryClassAndConfusions() {
    SegmentationMetrics metrics = new SegmentationMetrics(3);
    metrics.add(
        new LabelMap(4, 1, new byte[] {0, 0, 1, (byte) LabelMap.IGNORED}),
        new LabelMap(4, 1, new byte[] {0, 1, 1, 2}));
    Document page = page(ReportSection.segmentation(NAMES, metrics));
    assertThat(page.select("#section-labels .tile").eachText())
        .containsExactly(
            "mIoU 50.0 %", "mAcc 75.0 %", "aAcc 66.7 %", "mIoU, absent classes 0 33.3 %");
    assertThat(page.select("#section-labels .classes tbody tr").eachText())
        .contains("disc 2 50.0 % 50.0 %", "star 0 \u2013 \u2013");
    assertThat(page.select("#section-labels .heat td.miss[title~=disc taken for]")).isNotEmpty();
  }

  @Test
  void groundTruthStandsBesidePrediction() {
    Image picture = new Image(80, 60, new byte[80 * 60 * 3]);
    Drawing drawing = new Drawing(NAMES, 160);
    Thumbnail truth = thumbnail(drawing.marked(picture, Mark.annotated(TARGET, 80, 60)));
    Thumbnail found = thumbnail(drawing.marked(picture, Mark.found(found(), 0.5)));
    Document page =
        page(ReportSection.pairs(List.of(new ReportSection.Pair("val/7", truth, found))));
    assertThat(page.select("#section-pairs figure img").eachAttr("alt"))
        .containsExactly("annotated", "predicted");
    assertThat(page.select("#section-pairs img").eachAttr("src"))
        .allMatch(source -> source.startsWith("data:image/png;base64,"))
        .doesNotHaveDuplicates();
    assertThat(page.select("#section-pairs figcaption").text()).isEqualTo("val/7");
  }

  private static Thumbnail thumbnail(Image image) {
    return new Thumbnail("image/png", PngEncoder.encode(image));
  }

  @Test
  void boxesAreOutlinedMasksVeiledAndTheRestLeftAlone() {
    byte[] grey = new byte[80 * 60 * 3];
    Arrays.fill(grey, (byte) 100);
    Image picture = new Image(80, 60, grey);
    List<Mark> marks = Mark.found(found(), 0.5);
    assertThat(marks).hasSize(1);
    assertThat(marks.get(0).note()).isEqualTo("0.90");
    Image drawn = new Drawing(NAMES, 160).marked(picture, marks);
    assertThat(Size.of(drawn)).isEqualTo(new Size(160, 120));
    int color = Drawing.color(0);
    for (int c = 0; c < 3; c++) {
      int channel = (color >> (16 - 8 * c)) & 0xFF;
      assertThat(drawn.value(40, 80, c)).as("lower edge").isEqualTo(channel);
      assertThat((double) drawn.value(40, 60, c))
          .as("veil")
          .isBetween((100 + channel) / 2.0 - 2, (100 + channel) / 2.0 + 2);
      assertThat(drawn.value(120, 100, c)).as("elsewhere").isEqualTo(100);
    }
    Mask other = MaskRaster.mask(MASK, 40, 40);
    Mark wrong = new Mark(0, "", new Box(0, 0, 1, 1), Optional.of(other), Mark.Outline.SOLID);
    assertThatThrownBy(() -> new Drawing(NAMES, 160).marked(picture, List.of(wrong)))
        .hasMessageContaining("40 x 40 on a picture of 80 x 60");
  }

  @Test
  void labelMapsTakeTheColoursOfTheirClasses() {
    Image picture = new Image(2, 2, new byte[12]);
    LabelMap labels = new LabelMap(2, 2, new byte[] {0, 1, 2, (byte) LabelMap.IGNORED});
    Image drawn = new Drawing(NAMES, 2).labelled(picture, labels);
    assertThat(drawn.value(0, 0, 0) + drawn.value(1, 1, 0)).as("other and ignored").isZero();
    for (int c = 0; c < 3; c++) {
      double half = ((Drawing.color(1) >> (16 - 8 * c)) & 0xFF) / 2.0;
      assertThat((double) drawn.value(0, 1, c)).isBetween(half - 1, half + 1);
    }
  }
}
