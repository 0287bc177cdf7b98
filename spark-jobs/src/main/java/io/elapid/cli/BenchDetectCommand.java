package io.elapid.cli;

import io.elapid.benchmark.Times;
import io.elapid.data.SplitMix;
import io.elapid.data.augment.Geometry;
import io.elapid.data.image.Image;
import io.elapid.data.image.Orientation;
import io.elapid.data.image.Size;
import io.elapid.data.loader.DetectionBatch;
import io.elapid.data.target.Instances;
import io.elapid.data.target.ObjectAnnotation;
import io.elapid.data.target.ObjectTarget;
import io.elapid.engine.Frame;
import io.elapid.engine.MachineSpeeds;
import io.elapid.engine.ParameterRules;
import io.elapid.engine.Recomputation;
import io.elapid.engine.StepBench;
import io.elapid.engine.TrainerSettings;
import io.elapid.model.Models;
import io.elapid.optim.AdamWSettings;
import io.elapid.optim.GradientClip;
import io.elapid.task.dense.DenseBackbone;
import io.elapid.task.detection.MaskRcnn;
import io.elapid.task.detection.ObjectNetwork;
import io.elapid.task.detection.RetinaNet;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "detect",
    mixinStandardHelpOptions = true,
    description = {
      "Times training steps of a detector on made-up pictures of the size that published ones are"
          + " trained at, with",
      "seven objects of 80 classes each, and tells the memory they take."
    },
    footer = {"", "Example: elapid bench detect --model tinyvim_b --head retinanet"})
final class BenchDetectCommand implements Callable<Integer> {
  private static final int CLASSES = 80;
  private static final int OBJECTS = 7;
  private static final int SMALLEST_SIDE = 160;
  private static final long SEED = 1;

  /** Detectors. */
  private enum Head {
    RETINANET {
      @Override
      ObjectNetwork on(DenseBackbone backbone) {
        return new RetinaNet(backbone, CLASSES);
      }
    },
    MASKRCNN {
      @Override
      ObjectNetwork on(DenseBackbone backbone) {
        return new MaskRcnn(backbone, CLASSES, MaskRcnn.Regions.PUBLISHED);
      }
    };

    abstract ObjectNetwork on(DenseBackbone backbone);
  }

  @Option(
      names = "--model",
      paramLabel = "NAME",
      defaultValue = "tinyvim_b",
      description = "its backbone; 'elapid models' lists them (default: ${DEFAULT-VALUE})")
  private String model;

  @Option(
      names = "--recompute",
      paramLabel = "WHAT",
      defaultValue = "maps",
      description =
          "what is computed anew on the way back: maps or nothing, as 'elapid bench train' has it"
              + " (default: ${DEFAULT-VALUE})")
  private Recomputation recompute;

  @Option(
      names = "--head",
      paramLabel = "NAME",
      defaultValue = "retinanet",
      description = "retinanet or maskrcnn (default: ${DEFAULT-VALUE})")
  private Head head;

  @Option(
      names = "--width",
      paramLabel = "N",
      defaultValue = "1333",
      description =
          "of the pictures in pixels, padded to the network's stride (default: ${DEFAULT-VALUE})")
  private int width;

  @Option(
      names = "--height",
      paramLabel = "N",
      defaultValue = "800",
      description = "likewise (default: ${DEFAULT-VALUE})")
  private int height;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "1",
      description = "pictures of a step (default: ${DEFAULT-VALUE})")
  private int batch;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "2",
      description = "threads of kernels and native operations (default: ${DEFAULT-VALUE})")
  private int threads;

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      defaultValue = "2",
      description = "steps before the clock starts (default: ${DEFAULT-VALUE})")
  private int warmUp;

  @Option(
      names = "--runs",
      paramLabel = "N",
      defaultValue = "5",
      description = "steps on the clock (default: ${DEFAULT-VALUE})")
  private int runs;

  @Override
  public Integer call() {
    Limits.require("--width", width, SMALLEST_SIDE, Limits.MAX_SIDE);
    Limits.require("--height", height, SMALLEST_SIDE, Limits.MAX_SIDE);
    Limits.require("--batch", batch, 1, Limits.BATCH);
    Limits.require("--threads", threads, 1, Limits.THREADS);
    Limits.require("--warm-up", warmUp, 0, Limits.RUNS);
    Limits.require("--runs", runs, 1, Limits.RUNS);
    DenseBackbone backbone = DenseBackbone.of(Models.byName(model));
    ObjectNetwork network = head.on(backbone);
    DetectionBatch pictures = pictures(network, backbone.isCoarse() ? 64 : 32);
    System.out.printf(
        Locale.ROOT,
        "%s, training: %dx%d in %dx%d, batch %d, %d threads; %d runs after %d to warm up%n",
        network.name(),
        width,
        height,
        pictures.frame().width(),
        pictures.frame().height(),
        batch,
        threads,
        runs,
        warmUp);
    StepBenchReport report = new StepBenchReport(System.out);
    try (StepBench bench = StepBench.training(settings(network, pictures.frame()), pictures)) {
      Times times = bench.times(warmUp, runs);
      OptionalLong resident = ProcessMemory.peakResident();
      report.times(times, batch);
      report.memory(bench.memory().peak(), resident);
      report.profile(bench.profile(1), MachineSpeeds.measure(threads));
    }
    return 0;
  }

  private TrainerSettings<DetectionBatch> settings(ObjectNetwork network, Size frame) {
    return new TrainerSettings<DetectionBatch>(
            network,
            new Frame(batch, frame.height(), frame.width()),
            SEED,
            AdamWSettings.published(),
            GradientClip.Limits.norm(0.1),
            0,
            ParameterRules.published(),
            threads)
        .with(recompute);
  }

  /** Noise with objects. */
  private DetectionBatch pictures(ObjectNetwork network, int stride) {
    Size size = new Size(width, height);
    Size frame = size.roundedUp(stride);
    int floats = Math.toIntExact(Math.multiplyExact((long) batch * Image.CHANNELS, frame.area()));
    ByteBuffer images =
        ByteBuffer.allocateDirect(Math.multiplyExact(floats, Float.BYTES))
            .order(ByteOrder.nativeOrder());
    SplitMix random = new SplitMix(SEED);
    for (int i = 0; i < floats; i++) {
      images.putFloat(i * Float.BYTES, (float) random.uniform(-2, 2));
    }
    List<DetectionBatch.DetectionSample> samples = new ArrayList<>();
    for (int id = 1; id <= batch; id++) {
      List<ObjectAnnotation> objects =
          IntStream.rangeClosed(1, OBJECTS)
              .mapToObj(k -> MadeUpObjects.object(random, k, size, CLASSES))
              .toList();
      ObjectTarget target = new ObjectTarget(id, Orientation.UPRIGHT, objects);
      samples.add(
          new DetectionBatch.DetectionSample(
              "noise",
              id,
              size,
              new Geometry(size, 1, 1, frame),
              Instances.of(target, width, height, network.parts()),
              target));
    }
    return new DetectionBatch(images, frame, samples, batch);
  }
}
