package io.elapid.task.detection;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.box.BoxCoder;
import io.elapid.box.Boxes;
import io.elapid.box.Detections;
import io.elapid.box.PictureFrame;
import io.elapid.box.ScoreRules;
import io.elapid.data.image.Size;
import io.elapid.golden.DownstreamGolden;
import io.elapid.golden.GoldenCase;
import io.elapid.golden.GoldenModule;
import io.elapid.graph.Mode;
import io.elapid.graph.Scope;
import io.elapid.kernel.MaskCrop;
import io.elapid.kernel.NonMaxSuppression;
import io.elapid.kernel.Roi;
import io.elapid.nn.FeatureMap;
import io.elapid.op.Sum;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.linalg.factory.Nd4j;

/** The heads of the second stage, what they learn and what they find. */
@Tag("backend")
class RoiGoldenTest {
  private static final double FINEST_STRIDE = 4;
  private static final int PIXELS = MaskHead.SIZE * MaskHead.SIZE;

  static List<GoldenCase> losses() {
    return GoldenCase.of("roi_heads", "roi_heads_loss");
  }

  static List<GoldenCase> predictions() {
    return GoldenCase.of("roi_heads", "roi_heads_predict");
  }

  @Test
  void nothingInTheFilesIsPassedOver() {
    for (DownstreamGolden golden : DownstreamGolden.family("roi_heads")) {
      assertThat(golden.index().get("cases"))
          .extracting(c -> c.get("op").asText())
          .containsOnly("roi_heads_loss", "roi_heads_predict");
    }
  }

  /** Regions of all pictures, with what belongs to each. */
  private record Sampled(
      float[] rois,
      float[] labels,
      float[] deltas,
      float[] positive,
      float[] maskRois,
      float[] maskLabels,
      float[] masks) {
    int regions() {
      return labels.length;
    }

    int masked() {
      return maskLabels.length;
    }
  }

  private static Sampled sampled(GoldenCase golden) {
    List<Float> rois = new ArrayList<>();
    List<Float> labels = new ArrayList<>();
    List<Float> deltas = new ArrayList<>();
    List<Float> positive = new ArrayList<>();
    List<Float> maskRois = new ArrayList<>();
    List<Float> maskLabels = new ArrayList<>();
    for (int image = 0; image < golden.inputs("gt"); image++) {
      Boxes truths = new Boxes(golden.input("gt" + image));
      int[] classes = golden.inputInts("labels" + image);
      Boxes own = new Boxes(golden.input("pos" + image));
      Boxes others = new Boxes(golden.input("neg" + image));
      int[] matched = golden.inputInts("pos_gt" + image);
      for (int i = 0; i < own.size() + others.size(); i++) {
        boolean holds = i < own.size();
        List<Float> roi = roi(image, holds ? own : others, holds ? i : i - own.size());
        rois.addAll(roi);
        positive.add(holds ? 1f : 0f);
        float[] delta = new float[4];
        if (holds) {
          maskRois.addAll(roi);
          maskLabels.add((float) classes[matched[i]]);
          BoxCoder.SCALED.encode(own, i, truths, matched[i], delta, 0);
        }
        labels.add((float) (holds ? classes[matched[i]] : golden.param("num_classes").asInt()));
        for (float value : delta) {
          deltas.add(value);
        }
      }
    }
    int[] masks = golden.outputInts("mask_target");
    float[] wanted = new float[masks.length];
    for (int i = 0; i < masks.length; i++) {
      wanted[i] = masks[i];
    }
    return new Sampled(
        array(rois),
        array(labels),
        array(deltas),
        array(positive),
        array(maskRois),
        array(maskLabels),
        wanted);
  }

  private static List<Float> roi(int image, Boxes boxes, int i) {
    return List.of((float) image, boxes.left(i), boxes.top(i), boxes.right(i), boxes.bottom(i));
  }

  private static float[] array(List<Float> list) {
    float[] array = new float[list.size()];
    for (int i = 0; i < array.length; i++) {
      array[i] = list.get(i);
    }
    return array;
  }

  @ParameterizedTest
  @MethodSource("losses")
  void lossesAndGradientsAreTheOfficialOnes(GoldenCase golden) {
    Sampled sampled = sampled(golden);
    golden.check("bbox_targets", sampled.deltas());
    int[] labels = golden.outputInts("labels");
    assertThat(sampled.labels()).hasSameSizeAs(labels);
    for (int i = 0; i < labels.length; i++) {
      assertThat((int) sampled.labels()[i]).as("label %d", i).isEqualTo(labels[i]);
    }
    try (GoldenModule module =
        new GoldenModule(
            golden, Mode.TRAIN, (scope, maps) -> build(golden, scope, maps, sampled))) {
      module.check();
      int some = golden.output("bbox_feats").length;
      golden.check("bbox_feats", Arrays.copyOf(module.output("pooled"), some));
      golden.check(
          "losses", module.output("class")[0], module.output("box")[0], module.output("mask")[0]);
    }
  }

  private static GoldenModule.Built build(
      GoldenCase golden, Scope scope, List<FeatureMap> levels, Sampled sampled) {
    int classes = golden.param("num_classes").asInt();
    Heads heads = heads(golden, scope, levels, sampled.rois(), sampled.maskRois(), classes);
    BoxHead.Wanted wanted =
        new BoxHead.Wanted(
            constant(scope, sampled.labels()),
            constant(scope, sampled.deltas(), sampled.regions(), 4),
            constant(scope, sampled.positive()),
            scope.graph().constant(Nd4j.scalar((double) sampled.regions())));
    SDVariable classLoss = BoxHead.classLoss(scope, heads.boxes(), wanted);
    SDVariable boxLoss = BoxHead.boxLoss(scope, heads.boxes(), wanted, classes);
    float[] all = new float[sampled.masked()];
    Arrays.fill(all, 1);
    SDVariable own =
        MaskHead.own(scope, heads.masks(), constant(scope, sampled.maskLabels()), classes);
    SDVariable maskLoss =
        MaskHead.loss(
            scope,
            own,
            constant(scope, sampled.masks(), sampled.masked(), PIXELS),
            constant(scope, all),
            scope.graph().constant(Nd4j.scalar((double) sampled.masked() * PIXELS)));
    Map<String, SDVariable> outputs = new LinkedHashMap<>();
    outputs.put("pooled", heads.boxes().pooled());
    outputs.put("cls_score", heads.boxes().scores());
    outputs.put("bbox_pred", heads.boxes().deltas());
    outputs.put("mask_logits_gtclass", own);
    outputs.put("class", classLoss);
    outputs.put("box", boxLoss);
    outputs.put("mask", maskLoss);
    SDVariable loss = Sum.apply(scope.graph(), List.of(classLoss, boxLoss, maskLoss));
    return new GoldenModule.Built(loss, outputs);
  }

  private record Heads(BoxHead.Answer boxes, FeatureMap masks) {}

  private static Heads heads(
      GoldenCase golden,
      Scope scope,
      List<FeatureMap> levels,
      float[] rois,
      float[] maskRois,
      int classes) {
    double finestScale = golden.param("finest_scale").asDouble();
    long width = golden.companion("roi_heads_loss").param("fc_out_channels").asLong();
    int regions = rois.length / Roi.NUMBERS;
    int masked = maskRois.length / Roi.NUMBERS;
    Scope heads = scope.child("roi_head");
    return new Heads(
        new BoxHead(width, finestScale)
            .apply(
                heads.child("bbox_head"),
                levels,
                FINEST_STRIDE,
                constant(scope, rois, regions, Roi.NUMBERS),
                regions,
                classes),
        MaskHead.apply(
            heads.child("mask_head"),
            levels,
            FINEST_STRIDE,
            finestScale,
            constant(scope, maskRois, masked, Roi.NUMBERS),
            masked,
            classes));
  }

  private static SDVariable constant(Scope scope, float[] values, long... shape) {
    long[] given = shape.length == 0 ? new long[] {values.length} : shape;
    return scope.graph().constant(GoldenModule.array(values, given));
  }

  @ParameterizedTest
  @MethodSource("losses")
  void masksAreCroppedAsOfficially(GoldenCase golden) {
    int[] expected = golden.outputInts("mask_target");
    int[] sure = golden.outputInts("mask_sure");
    List<Integer> frame = golden.integers("batch_input_shape");
    float[] target = new float[PIXELS];
    int region = 0;
    for (int image = 0; image < golden.inputs("gt"); image++) {
      Boxes own = new Boxes(golden.input("pos" + image));
      int[] matched = golden.inputInts("pos_gt" + image);
      int[] packed = golden.inputInts("gt_masks" + image);
      int length = frame.get(0) * frame.get(1);
      for (int i = 0; i < own.size(); i++, region++) {
        byte[] mask = bits(packed, matched[i] * length / 8, length);
        Roi box = new Roi(0, own.left(i), own.top(i), own.right(i), own.bottom(i));
        MaskCrop.target(mask, frame.get(1), frame.get(0), box, MaskHead.SIZE, target, 0);
        for (int k = 0; k < PIXELS; k++) {
          if (sure[region * PIXELS + k] == 1) {
            assertThat((int) target[k]).isEqualTo(expected[region * PIXELS + k]);
          }
        }
      }
    }
    assertThat(region * PIXELS).isEqualTo(expected.length);
  }

  private static byte[] bits(int[] packed, int start, int length) {
    byte[] bits = new byte[length];
    for (int i = 0; i < length; i++) {
      bits[i] = (byte) ((packed[start + i / 8] >> (7 - i % 8)) & 1);
    }
    return bits;
  }

  @ParameterizedTest
  @MethodSource("predictions")
  void detectionsAndMasksAreTheOfficialOnes(GoldenCase golden) {
    JsonNode parameters = golden.companion("roi_heads_loss").json().get("parameters");
    int classes = golden.param("num_classes").asInt();
    ScoreRules rules =
        new ScoreRules(
            golden.param("score_thr").asDouble(),
            Integer.MAX_VALUE,
            golden.param("nms").asDouble(),
            golden.param("max_per_img").asInt());
    for (int image = 0; golden.hasOutput("boxes" + image); image++) {
      int number = image;
      Boxes proposals = new Boxes(golden.input("proposals" + image));
      PictureFrame picture = GoldenPictures.picture(golden, image);
      Detections found;
      try (GoldenModule module = run(golden, parameters, rois(number, proposals), classes)) {
        found =
            rules.detections(
                proposals,
                module.output("scores"),
                module.output("deltas"),
                picture,
                NonMaxSuppression.PLAIN);
      }
      assertThat(found.labels()).containsExactly(golden.outputInts("labels" + image));
      golden.check("scores" + image, 1e-5, found.scores());
      golden.check("boxes" + image, picture.restored(found.boxes()).corners());
      try (GoldenModule module = run(golden, parameters, rois(number, found.boxes()), classes)) {
        checkMasks(golden, image, found, picture, module.output("masks"));
      }
    }
  }

  private static GoldenModule run(
      GoldenCase golden, JsonNode parameters, float[] rois, int classes) {
    return new GoldenModule(
        golden,
        parameters,
        Mode.EVAL,
        (scope, levels) -> {
          Heads heads = heads(golden, scope, levels, rois, rois, classes);
          return new GoldenModule.Built(
              heads.boxes().scores(),
              Map.of(
                  "scores", heads.boxes().scores(),
                  "deltas", heads.boxes().deltas(),
                  "masks", heads.masks().value()));
        });
  }

  private static float[] rois(int image, Boxes boxes) {
    List<Float> rois = new ArrayList<>();
    for (int i = 0; i < boxes.size(); i++) {
      rois.addAll(roi(image, boxes, i));
    }
    return array(rois);
  }

  private static void checkMasks(
      GoldenCase golden, int image, Detections found, PictureFrame picture, float[] logits) {
    int classes = golden.param("num_classes").asInt();
    JsonNode size = golden.param("ori_shape").get(image);
    int height = size.get(0).asInt();
    int width = size.get(1).asInt();
    int[] expected = golden.outputInts("masks" + image);
    int[] sure = golden.outputInts("masks_sure" + image);
    int bytes = expected.length / found.size();
    Boxes boxes = picture.restored(found.boxes());
    int some = golden.output("mask_logits" + image).length;
    float[] own = new float[found.size() * PIXELS];
    for (int i = 0; i < found.size(); i++) {
      int from = (i * classes + found.labels()[i]) * PIXELS;
      System.arraycopy(logits, from, own, i * PIXELS, PIXELS);
      float[] mask = Arrays.copyOfRange(logits, from, from + PIXELS);
      byte[] pasted = InstanceMasks.paste(mask, boxes.box(i), new Size(width, height)).values();
      byte[] wanted = bits(expected, i * bytes, width * height);
      byte[] counted = bits(sure, i * bytes, width * height);
      for (int k = 0; k < pasted.length; k++) {
        if (counted[k] == 1) {
          assertThat(pasted[k]).as("%s: mask %d, pixel %d", golden, i, k).isEqualTo(wanted[k]);
        }
      }
    }
    golden.check("mask_logits" + image, Arrays.copyOf(own, some));
  }
}
