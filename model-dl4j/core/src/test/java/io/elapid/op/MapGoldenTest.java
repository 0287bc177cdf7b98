package io.elapid.op;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.golden.Filler;
import io.elapid.golden.Goldens;
import io.elapid.golden.Goldens.Golden;
import io.elapid.kernel.ActivationKind;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

/** Ops on feature maps against what the published implementations compute in double. */
@Tag("backend")
class MapGoldenTest {
  @BeforeAll
  static void register() {
    OpRegistry.register();
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"FLOAT", "DOUBLE"})
  void waveletTransforms(DataType type) {
    for (Golden golden : Goldens.discover("haar.json")) {
      Filler filler = golden.filler();
      for (JsonNode each : golden.cases()) {
        GoldenGraph g = new GoldenGraph(type);
        SDVariable coefficients = HaarDwt.apply(g.graph(), g.input("x", filler, each.path("x")));
        g.backward(coefficients, GoldenGraph.values(filler, each.path("dc")));
        GoldenGraph.check(type, each.path("coeffs").path("data"), g.value(coefficients));
        GoldenGraph.check(type, each.path("dx").path("data"), g.gradient("x"));
        inverseTransform(type, filler, each);
      }
    }
  }

  private static void inverseTransform(DataType type, Filler filler, JsonNode golden) {
    GoldenGraph g = new GoldenGraph(type);
    JsonNode coefficients = golden.path("idwt_in");
    long[] shape = Goldens.longs(coefficients.path("shape"));
    SDVariable y =
        g.input(
            "y",
            GoldenGraph.values(filler, coefficients),
            shape[0],
            shape[1] * shape[2],
            shape[3],
            shape[4]);
    SDVariable x =
        HaarIdwt.apply(g.graph(), y, golden.path("H").asLong(), golden.path("W").asLong());
    g.backward(x, GoldenGraph.values(filler, golden.path("dr")));
    GoldenGraph.check(type, golden.path("idwt").path("data"), g.value(x));
    GoldenGraph.check(type, golden.path("d_idwt_in").path("data"), g.gradient("y"));
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"FLOAT", "DOUBLE"})
  void enlargements(DataType type) {
    for (Golden golden : Goldens.discover("primitives.json")) {
      for (int factor : new int[] {2, 4, 8}) {
        GoldenGraph g = new GoldenGraph(type);
        SDVariable low = g.input("low", new float[] {1, 2, 3, 4, 5, 6}, 1, 1, 2, 3);
        SDVariable zero = g.graph().constant(Nd4j.zeros(type, 1, 1, 2L * factor, 3L * factor));
        JsonNode expected = golden.json().path("bilinear_up" + factor + "_of_[[1,2,3],[4,5,6]]");
        SDVariable high = LaplaceMerge.apply(g.graph(), low, zero, factor);
        GoldenGraph.check(type, expected.path("data"), g.value(high));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"FLOAT", "DOUBLE"})
  void pyramids(DataType type) {
    for (int pool : new int[] {2, 4, 8}) {
      for (Module module : modules("modules_tinyvim.json", "tiny_pool_up_" + pool)) {
        pyramid(type, module.filler(), module.json(), pool);
      }
    }
  }

  private static void pyramid(DataType type, Filler filler, JsonNode golden, int pool) {
    GoldenGraph g = new GoldenGraph(type);
    SDVariable x = g.input("x", filler, golden.path("x"));
    LaplaceSplit.Outputs parts = LaplaceSplit.apply(g.graph(), x, pool);
    SDVariable zero =
        g.graph().constant(Nd4j.zeros(type, Goldens.longs(golden.path("x").path("shape"))));
    SDVariable enlarged = LaplaceMerge.apply(g.graph(), parts.low(), zero, pool);
    List<SDVariable> outputs = List.of(parts.low(), parts.residual(), enlarged);
    g.backward(
        outputs,
        Goldens.elements(golden.path("dy")).stream()
            .map(dy -> GoldenGraph.values(filler, dy))
            .toList());
    for (int i = 0; i < outputs.size(); i++) {
      g.checkEntry(golden.path("y").get(i), g.value(outputs.get(i)));
    }
    g.checkEntry(golden.path("dx"), g.gradient("x"));
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"FLOAT", "DOUBLE"})
  void patchMergingAtOddSizes(DataType type) {
    for (Module module : modules("modules_efficientvmamba.json", "evm_PatchMerging")) {
      Filler filler = module.filler();
      GoldenGraph g = new GoldenGraph(type);
      SDVariable x = g.input("x", filler, module.json().path("x")).permute(0, 3, 1, 2);
      SDVariable gathered = PatchGather.apply(g.graph(), x);
      SDVariable normed =
          LayerNorm2d.apply(
              g.graph(),
              gathered,
              module.parameter(g, "norm.weight"),
              module.parameter(g, "norm.bias"));
      long[] sizes = module.shape("reduction.weight");
      SDVariable weight =
          g.graph().reshape(module.parameter(g, "reduction.weight"), sizes[0], sizes[1], 1, 1);
      SDVariable y =
          Conv2d.apply(g.graph(), normed, weight, ConvSettings.of(1, 0)).permute(0, 2, 3, 1);
      g.checkModule(module.json(), filler, y);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"FLOAT", "DOUBLE"})
  void depthwiseKernelsFollowedByAFactorPerChannel(DataType type) {
    for (Module module : modules("modules_mobilemamba.json", "mm_MKDW")) {
      Filler filler = module.filler();
      GoldenGraph g = new GoldenGraph(type);
      long[] kernel = module.shape("dwconv3x3.weight");
      SDVariable wide =
          Conv2d.apply(
              g.graph(),
              g.input("x", filler, module.json().path("x")),
              module.parameter(g, "dwconv3x3.weight"),
              new ConvSettings(1, (int) (kernel[2] / 2), (int) kernel[0]));
      SDVariable active = batchNorm(g, module, "bn1", wide, ActivationKind.RELU);
      SDVariable factor = module.parameter(g, "dwconv1x1.weight");
      SDVariable scaled =
          ChannelAffine.apply(g.graph(), active, ChannelAffine.Terms.convolution(factor));
      SDVariable y = batchNorm(g, module, "bn2", scaled, ActivationKind.IDENTITY);
      g.checkModule(module.json(), filler, y);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"FLOAT", "DOUBLE"})
  void batchNormBeforeALinearLayer(DataType type) {
    for (Module module : modules("modules_mobilemamba.json", "mm_BN_Linear")) {
      Filler filler = module.filler();
      GoldenGraph g = new GoldenGraph(type);
      SDVariable x = g.input("x", filler, module.json().path("x"));
      SDVariable y =
          Linear.apply(
              g.graph(),
              batchNorm(g, module, "bn", x, ActivationKind.IDENTITY),
              module.parameter(g, "l.weight"),
              module.parameter(g, "l.bias"));
      g.checkModule(module.json(), filler, y);
    }
  }

  private record Module(JsonNode json, Filler filler) {
    String prefix() {
      return json.path("param_prefix").asText();
    }

    /** Shape of a parameter or buffer. */
    long[] shape(String name) {
      for (JsonNode parameter : json.path("params")) {
        if (parameter.get(0).asText().equals(name)) {
          return Goldens.longs(parameter.get(1));
        }
      }
      throw new IllegalArgumentException("no %s in %s".formatted(name, json.path("id")));
    }

    SDVariable parameter(GoldenGraph g, String name) {
      return g.parameter(filler, prefix(), name, shape(name));
    }

    SDVariable buffer(GoldenGraph g, String name) {
      return g.buffer(filler, prefix(), name, shape(name));
    }
  }

  private static List<Module> modules(String file, String id) {
    List<Module> found = new ArrayList<>();
    for (Golden golden : Goldens.discover(file)) {
      for (JsonNode each : golden.cases()) {
        if (each.path("id").asText().equals(id)) {
          found.add(new Module(each, golden.filler()));
        }
      }
    }
    if (found.isEmpty()) {
      Goldens.absent(id);
    }
    return found;
  }

  /** By running statistics. */
  private static SDVariable batchNorm(
      GoldenGraph g, Module module, String name, SDVariable x, ActivationKind activation) {
    return BatchNormInference.apply(
        g.graph(),
        x,
        module.parameter(g, name + ".weight"),
        module.parameter(g, name + ".bias"),
        module.buffer(g, name + ".running_mean"),
        module.buffer(g, name + ".running_var"),
        activation);
  }
}
