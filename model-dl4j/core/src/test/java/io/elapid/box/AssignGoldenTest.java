package io.elapid.box;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.box.MaxIouAssigner.Crowds;
import io.elapid.box.MaxIouAssigner.LowQuality;
import io.elapid.box.MaxIouAssigner.ShareOf;
import io.elapid.golden.DownstreamGolden;
import io.elapid.golden.GoldenCase;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Matching against that of the published detectors. */
class AssignGoldenTest {
  static List<GoldenCase> cases() {
    return GoldenCase.of("assign", "max_iou_assign");
  }

  @Test
  void nothingInTheFilesIsPassedOver() {
    for (DownstreamGolden golden : DownstreamGolden.family("assign")) {
      assertThat(golden.index().get("cases"))
          .allMatch(c -> c.get("op").asText().equals("max_iou_assign"));
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void candidatesGetTheOfficialObjects(GoldenCase golden) {
    Boxes ignored = golden.hasInput("ignore") ? new Boxes(golden.input("ignore")) : Boxes.none();
    Assignment assignment =
        assigner(golden)
            .assign(new Boxes(golden.input("anchors")), new Boxes(golden.input("gts")), ignored);
    assertThat(assignment.truths()).containsExactly(golden.outputInts("gt_inds"));
    golden.check("max_overlaps", assignment.overlaps());
    int[] classes = golden.inputInts("labels");
    int[] labels =
        IntStream.range(0, assignment.size())
            .map(n -> assignment.isPositive(n) ? classes[assignment.truth(n)] : -1)
            .toArray();
    assertThat(labels).containsExactly(golden.outputInts("labels"));
  }

  private static MaxIouAssigner assigner(GoldenCase golden) {
    LowQuality lowQuality = LowQuality.NONE;
    if (golden.param("match_low_quality").asBoolean()) {
      lowQuality =
          golden.param("gt_max_assign_all").asBoolean() ? LowQuality.ALL : LowQuality.FIRST;
    }
    ShareOf share =
        golden.param("ignore_wrt_candidates").asBoolean() ? ShareOf.CANDIDATE : ShareOf.REGION;
    return new MaxIouAssigner(
        number(golden, "pos_iou_thr"),
        number(golden, "neg_iou_thr"),
        number(golden, "min_pos_iou"),
        lowQuality,
        new Crowds(number(golden, "ignore_iof_thr"), share));
  }

  private static float number(GoldenCase golden, String name) {
    return (float) golden.param(name).asDouble();
  }
}
