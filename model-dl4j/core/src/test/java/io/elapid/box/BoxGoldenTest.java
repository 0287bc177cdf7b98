package io.elapid.box;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.data.image.Size;
import io.elapid.golden.DownstreamGolden;
import io.elapid.golden.GoldenCase;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Overlaps, codes and anchors against those of published detectors. */
class BoxGoldenTest {
  /** {@code rescale_size} belongs to the transforms of pictures. */
  private static final Set<String> OPS =
      Set.of(
          "bbox_overlaps",
          "encode",
          "decode",
          "base_anchors",
          "ssd_base_anchors",
          "grid_anchors",
          "valid_flags",
          "rescale_size");

  @Test
  void nothingInTheFilesIsPassedOver() {
    for (DownstreamGolden golden : DownstreamGolden.family("boxes")) {
      Set<String> ops = new TreeSet<>();
      golden.index().get("cases").forEach(c -> ops.add(c.get("op").asText()));
      assertThat(ops).isSubsetOf(OPS);
    }
  }

  static List<GoldenCase> overlaps() {
    return GoldenCase.of("boxes", "bbox_overlaps");
  }

  @ParameterizedTest
  @MethodSource("overlaps")
  void overlapsAreTheOfficialOnes(GoldenCase golden) {
    Overlap overlap =
        switch (golden.param("mode").asText()) {
          case "iou" -> Overlap.UNION;
          case "iof" -> Overlap.FIRST;
          default -> Overlap.GENERALISED;
        };
    golden.check("y", overlap.matrix(boxes(golden, "a"), boxes(golden, "b")));
  }

  static List<GoldenCase> codes() {
    return GoldenCase.of("boxes", "encode");
  }

  @ParameterizedTest
  @MethodSource("codes")
  void boxesAreEncodedAsOfficially(GoldenCase golden) {
    golden.check("y", coder(golden).encode(boxes(golden, "rois"), boxes(golden, "gts")));
  }

  static List<GoldenCase> decoded() {
    return GoldenCase.of("boxes", "decode");
  }

  @ParameterizedTest
  @MethodSource("decoded")
  void boxesAreDecodedAsOfficially(GoldenCase golden) {
    Boxes boxes = coder(golden).decode(boxes(golden, "rois"), golden.input("deltas"));
    JsonNode shape = golden.param("max_shape_hw");
    if (!shape.isNull()) {
      boxes = boxes.clipped(shape.get(1).asInt(), shape.get(0).asInt());
    }
    golden.check("y", boxes.corners());
  }

  private static BoxCoder coder(GoldenCase golden) {
    JsonNode deviations = golden.param("stds");
    assertThat(golden.param("means")).allMatch(mean -> mean.asDouble() == 0);
    return new BoxCoder((float) deviations.get(0).asDouble(), (float) deviations.get(2).asDouble());
  }

  static List<GoldenCase> baseAnchors() {
    return GoldenCase.of("boxes", "base_anchors");
  }

  @ParameterizedTest
  @MethodSource("baseAnchors")
  void anchorsOfACellAreTheOfficialOnes(GoldenCase golden) {
    for (AnchorLevel level : cornered(golden, golden.integers("strides")).levels()) {
      golden.check("stride" + level.stride(), level.base().corners());
    }
  }

  static List<GoldenCase> ssdAnchors() {
    return GoldenCase.of("boxes", "ssd_base_anchors");
  }

  @ParameterizedTest
  @MethodSource("ssdAnchors")
  void anchorsOfSsdAreTheOfficialOnes(GoldenCase golden) {
    Anchors anchors = ssd(golden);
    for (int i = 0; i < anchors.levels().size(); i++) {
      golden.check("level" + i, anchors.levels().get(i).base().corners());
    }
  }

  static List<GoldenCase> grids() {
    return GoldenCase.of("boxes", "grid_anchors");
  }

  @ParameterizedTest
  @MethodSource("grids")
  void anchorsOfAMapAreTheOfficialOnes(GoldenCase golden) {
    List<Integer> size = golden.integers("feat_hw");
    AnchorLevel level =
        golden.json().get("params").has("level")
            ? ssd(golden.companion("ssd_base_anchors")).levels().get(golden.param("level").asInt())
            : cornered(golden, List.of(golden.param("stride").asInt())).levels().get(0);
    golden.check("y", level.grid(size.get(0), size.get(1)).corners());
  }

  static List<GoldenCase> validity() {
    return GoldenCase.of("boxes", "valid_flags");
  }

  @ParameterizedTest
  @MethodSource("validity")
  void anchorsBeyondThePictureAreLeftOut(GoldenCase golden) {
    List<Integer> map = golden.integers("feat_hw");
    List<Integer> padded = golden.integers("pad_shape_hw");
    Boxes base = new Boxes(new float[4 * golden.param("num_base").asInt()]);
    Anchors anchors = new Anchors(List.of(new AnchorLevel(golden.param("stride").asInt(), base)));
    int[] valid =
        anchors.valid(
            List.of(new Size(map.get(1), map.get(0))), new Size(padded.get(1), padded.get(0)));
    int[] flags = golden.outputInts("y");
    List<Integer> expected = new ArrayList<>();
    for (int i = 0; i < flags.length; i++) {
      if (flags[i] != 0) {
        expected.add(i);
      }
    }
    assertThat(valid).containsExactly(expected.toArray(Integer[]::new));
  }

  private static Anchors cornered(GoldenCase golden, List<Integer> strides) {
    return golden.json().get("params").has("octave_base_scale")
        ? Anchors.retinaNet(strides)
        : Anchors.proposals(strides);
  }

  private static Anchors ssd(GoldenCase golden) {
    return Anchors.ssd(
        golden.integers("strides"), golden.integers("min_sizes"), golden.integers("max_sizes"));
  }

  private static Boxes boxes(GoldenCase golden, String name) {
    return new Boxes(golden.input(name));
  }
}
