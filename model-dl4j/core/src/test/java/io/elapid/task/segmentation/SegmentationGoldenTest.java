package io.elapid.task.segmentation;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.data.image.Size;
import io.elapid.golden.DownstreamGolden;
import io.elapid.golden.GoldenCase;
import io.elapid.golden.GoldenModule;
import io.elapid.golden.Goldens;
import io.elapid.graph.Mode;
import io.elapid.graph.Scope;
import io.elapid.kernel.LabelAccuracy;
import io.elapid.kernel.Resampling;
import io.elapid.nn.FeatureMap;
import io.elapid.nn.Fpn;
import io.elapid.nn.FpnSettings;
import io.elapid.op.Resample;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.autodiff.samediff.SDVariable;

/** The heads for classes of pixels, their loss and their answers, against the official code. */
@Tag("backend")
class SegmentationGoldenTest {
  private static final List<String> HEADS =
      List.of("FPNHead", "FPN+FPNHead", "ASPPHead", "PSPHead", "UPerHead", "FCNHead");
  private static final ScoreLayer SCORES = new ScoreLayer(0);

  static List<GoldenCase> cases() {
    return HEADS.stream().flatMap(head -> GoldenCase.of("seg_heads", head).stream()).toList();
  }

  @Test
  void nothingInTheFilesIsPassedOver() {
    for (DownstreamGolden golden : DownstreamGolden.family("seg_heads")) {
      assertThat(golden.index().get("cases"))
          .extracting(c -> c.get("op").asText())
          .isSubsetOf(HEADS);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void scoresLossAndGradientsAreTheOfficialOnes(GoldenCase golden) {
    Mode mode = golden.param("bn_train").asBoolean() ? Mode.TRAIN : Mode.EVAL;
    try (GoldenModule module =
        new GoldenModule(golden, mode, (scope, maps) -> build(golden, scope, maps))) {
      module.check();
      checkLabels(golden, module.output("logits"));
      checkAccuracy(golden, module.output("enlarged"));
    }
  }

  private static GoldenModule.Built build(GoldenCase golden, Scope scope, List<FeatureMap> maps) {
    FeatureMap scores = scores(golden, scope, maps);
    long[] size = golden.inputShape("labels");
    SDVariable truth = scope.graph().constant(GoldenModule.array(labels(golden), size));
    SDVariable loss = PixelLoss.apply(scope, scores, truth, size[1], size[2]);
    SDVariable enlarged =
        Resample.apply(scope.graph(), scores.value(), Resampling.LINEAR, size[1], size[2]);
    return new GoldenModule.Built(
        loss, Map.of("logits", scores.value(), "loss", loss, "enlarged", enlarged));
  }

  private static float[] labels(GoldenCase golden) {
    int[] labels = golden.inputInts("labels");
    float[] wanted = new float[labels.length];
    for (int i = 0; i < labels.length; i++) {
      wanted[i] = labels[i];
    }
    return wanted;
  }

  private static void checkAccuracy(GoldenCase golden, float[] scores) {
    long[] size = golden.inputShape("labels");
    LabelAccuracy accuracy =
        LabelAccuracy.of(
            scores,
            golden.param("num_classes").asInt(),
            (int) (size[1] * size[2]),
            labels(golden),
            golden.param("ignore_index").asInt());
    golden.check("acc_seg", (float) accuracy.percent());
  }

  private static FeatureMap scores(GoldenCase golden, Scope scope, List<FeatureMap> maps) {
    int channels = golden.param("channels").asInt();
    int classes = golden.param("num_classes").asInt();
    Scope head = scope.child("decode_head");
    String type = golden.param("type").asText();
    return switch (type) {
      case "ASPPHead" -> new AsppHead(channels, SCORES).apply(head, maps.get(0), classes);
      case "PSPHead" -> new PspHead(channels, SCORES).apply(head, maps.get(0), classes);
      case "UPerHead" -> new UperHead(channels, SCORES).apply(head, maps, classes);
      case "FCNHead" ->
          new FcnHead(channels, SCORES).apply(scope.child("auxiliary_head"), maps.get(0), classes);
      default -> {
        List<Integer> strides = golden.integers("feature_strides");
        FpnSettings settings = new FpnSettings(8, 0, strides.size(), FpnSettings.Extra.SUBSAMPLED);
        List<FeatureMap> levels =
            type.startsWith("FPN+") ? Fpn.apply(scope.child("neck"), maps, settings) : maps;
        yield new FpnHead(channels, SCORES).apply(head, levels, strides, classes);
      }
    };
  }

  private static void checkLabels(GoldenCase golden, float[] logits) {
    int classes = golden.param("num_classes").asInt();
    long[] size = golden.inputShape("labels");
    Size picture = new Size((int) size[2], (int) size[1]);
    int pixels = picture.width() * picture.height();
    long[] map = Goldens.longs(golden.json().at("/outputs/logits/shape"));
    int[] expected = golden.outputInts("pred");
    int[] sure = golden.outputInts("pred_sure");
    int bytes = sure.length / (int) size[0];
    int compared = 0;
    for (int image = 0; image < size[0]; image++) {
      LabelDecoder decoder =
          new LabelDecoder(new Size((int) map[3], (int) map[2]), picture, picture, picture);
      byte[] labels =
          decoder.labels(
              logits, Math.toIntExact((long) image * classes * map[2] * map[3]), classes);
      for (int i = 0; i < pixels; i++) {
        if (((sure[image * bytes + i / 8] >> (7 - i % 8)) & 1) == 1) {
          assertThat(labels[i]).isEqualTo((byte) expected[image * pixels + i]);
          compared++;
        }
      }
    }
    assertThat(compared).isGreaterThan((int) size[0] * pixels / 2);
  }
}
