package io.elapid.backend.cpu;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.management.JMException;
import javax.management.ObjectName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells HotSpot's compiler to compile loops over registers by themselves and never as parts of what
 * calls them.
 *
 * <p>It stops merging methods into one that has grown to 18,000 nodes, some 50 operations on
 * registers; what it then calls takes registers as objects on the heap, which cost ten times what
 * the operations do. Two loops in one method are often too many, and whether it merges them depends
 * on the order in which methods were compiled: the same kernel was fast in one process and slow in
 * the next.
 */
final class CompiledLoops {
  private static final Logger LOG = LoggerFactory.getLogger(CompiledLoops.class);
  private static final String PACKAGE = CompiledLoops.class.getPackageName().replace('.', '/');

  /** Loops, by class and method. */
  static final List<String> ALONE =
      List.of(
          "ActivationRows.*",
          "ActivationRuns.*",
          "BatchNormBlock.sum",
          "BatchNormBlockGradient.addSums",
          "BatchNormBlockGradient.addSumsOfTwo",
          "BatchNormBlockGradient.inputGradient",
          "BatchNormBlockGradient.inputGradientOfTwo",
          "BatchNormRows.*",
          "ColumnSums.*",
          "DepthwiseTaps.*",
          "GemmEpilogue.*",
          "GemmInterleave.*",
          "GemmMaps.store",
          "GemmMaps.storeTogether",
          "GemmPieces.row",
          "GemmTranspose.*",
          "GemmWeights.add",
          "GemmWeights.collect",
          "HaarRows.add",
          "HaarRows.bands",
          "HaarRows.merge",
          "HaarRows.rows",
          "LaneSums.*",
          "LayerNormGradient.coefficients",
          "LayerNormGradient.load",
          "LayerNormRows.*",
          "LossRows.*",
          "MapRows.*",
          "Matrices.fourDots",
          "Matrices.fourRows",
          "Matrices.laneSum",
          "Matrices.oneRow",
          "PixelPairs.*",
          "Rows.*",
          "ScanForward.addOutputs",
          "ScanForward.inputs",
          "ScanMath.identity",
          "ScanMath.sizes",
          "ScanMath.softplus",
          "ScanPanels.*",
          "SingleState.*",
          "SmallProduct.packRegisters",
          "SmallProduct.store",
          "SoftmaxBlock.*",
          "StateQuad.*",
          "StateQuadGradient.*",
          "StepGradient.*",
          "Transpose.*",
          "VectorActivation.reluGradient",
          "VectorActivation.sigmoidGradient",
          "VectorDepthwise.flush",
          "VectorDepthwise.load",
          "VectorDepthwise.store",
          "VectorGatedResidual.mix",
          "VectorGatedResidual.split",
          "VectorHiddenGate.gate",
          "VectorHiddenGate.gateGradient",
          "VectorHiddenState.*",
          "VectorLayerNorm.divide",
          "VectorLayerNorm.invert",
          "VectorOptimizer.blend",
          "VectorOptimizer.scale",
          "VectorOptimizer.sweep",
          "VectorScanProjection.addUp",
          "VectorSelectiveScan.largest",
          "VectorSelectiveScan.total",
          "VectorSelectiveScan.writeRates",
          "VectorSiluGate.derive",
          "VectorSiluGate.gate",
          "VectorSum.add",
          "VectorSum.addPair",
          "VectorSum.finish",
          "VectorSum.load",
          "WideDecays.*");

  /** What loops are made of. */
  static final List<String> MERGED =
      List.of(
          "ActivationRuns.load",
          "BatchNormRows.fresh",
          "BatchNormRows.load",
          "ColumnSums.load",
          "Curves.*",
          "DepthwiseTaps.load",
          "GemmEpilogue.load",
          "HaarRows.exchange",
          "HaarRows.firsts",
          "HaarRows.seconds",
          "Lanes.*",
          "LayerNormRows.load",
          "ScanMath.decay",
          "ScanMath.fraction",
          "ScanMath.largest",
          "ScanMath.normal",
          "ScanMath.normalDecay",
          "ScanMath.power",
          "ScanMath.shifted",
          "ScanMath.size",
          "ScanMath.slope");

  /** Tells the compiler when it is loaded, and shows it what it is to know. */
  private static final class Once {
    static {
      add();
      LOG.trace("First uses: {}", FirstUses.make());
    }

    private Once() {}

    static void load() {}
  }

  private CompiledLoops() {}

  /** From now on; without effect, but for a line in the log, in a JVM that knows no directives. */
  static void direct() {
    Once.load();
  }

  private static void add() {
    try {
      Path file = Files.createTempFile("elapid-loops", ".json");
      try {
        Files.writeString(file, directives());
        ManagementFactory.getPlatformMBeanServer()
            .invoke(
                new ObjectName("com.sun.management:type=DiagnosticCommand"),
                "compilerDirectivesAdd",
                new Object[] {new String[] {file.toString()}},
                new String[] {String[].class.getName()});
      } finally {
        Files.delete(file);
      }
    } catch (IOException | JMException | RuntimeException e) {
      LOG.info("Kernels may be slow at times: this JVM takes no compiler directives ({})", e);
    }
  }

  /** For whatever of ours is compiled; merging a method outweighs leaving its class alone. */
  private static String directives() {
    String inline =
        Stream.concat(
                MERGED.stream().map(method -> '+' + PACKAGE + '/' + method),
                ALONE.stream().map(method -> '-' + PACKAGE + '/' + method))
            .map(pattern -> '"' + pattern + '"')
            .collect(Collectors.joining(", "));
    return "[{match: \"io/elapid/*.*\", c2: {inline: [" + inline + "]}}]";
  }
}
