package io.elapid.task.segmentation;

import io.elapid.graph.Scope;
import io.elapid.model.efficientvim.EfficientViM;
import io.elapid.nn.FeatureMap;
import io.elapid.nn.Fpn;
import io.elapid.nn.FpnSettings;
import io.elapid.task.dense.DenseBackbone;
import io.elapid.task.dense.Neck;
import java.util.List;
import java.util.stream.IntStream;

/** How the maps of a backbone become scores of classes. */
public sealed interface SegmentationHead {
  /** Scope of its parameters. */
  String SCOPE = "decode_head";

  /** What a segmenter with this head is called, before the name of its backbone. */
  String name();

  /** The first of so many maps of a backbone that it takes; usually it takes all. */
  default int first(int maps) {
    return 0;
  }

  /**
   * Adds neck and head.
   *
   * @param root scope of the whole network
   * @param maps those it takes, finest first
   * @return (batch, classes, height, width) of the finest of them
   */
  FeatureMap scores(Scope root, DenseBackbone backbone, List<FeatureMap> maps, int classes);

  /**
   * A feature pyramid whose levels are added up. Parameters {@code neck} too.
   *
   * @param channels of the head
   */
  record SemanticFpn(Neck neck, long channels) implements SegmentationHead {
    /** The published neck. */
    public static final Neck NECK = new Neck(256, FpnSettings.Extra.SUBSAMPLED);

    /** As wide as published. */
    public static final long CHANNELS = 128;

    @Override
    public String name() {
      return "semanticfpn";
    }

    @Override
    public FeatureMap scores(
        Scope root, DenseBackbone backbone, List<FeatureMap> maps, int classes) {
      // the published head of EfficientViM has four levels, made of three maps
      int wanted = backbone.network() instanceof EfficientViM ? 4 : backbone.network().stages();
      List<FeatureMap> levels = Fpn.apply(root.child("neck"), maps, neck.levels(wanted));
      // only the ratios of the strides matter
      List<Integer> strides =
          IntStream.range(0, levels.size()).mapToObj(i -> backbone.finestStride() << i).toList();
      return new FpnHead(channels, ScoreLayer.PUBLISHED)
          .apply(root.child(SCOPE), levels, strides, classes);
    }
  }

  /** DeepLabv3's, on the last map. */
  record DeepLabV3(long channels) implements SegmentationHead {
    /** As wide as published. */
    public static final long CHANNELS = 256;

    @Override
    public String name() {
      return "deeplabv3";
    }

    @Override
    public int first(int maps) {
      return maps - 1;
    }

    @Override
    public FeatureMap scores(
        Scope root, DenseBackbone backbone, List<FeatureMap> maps, int classes) {
      return new AsppHead(channels, ScoreLayer.PUBLISHED)
          .apply(root.child(SCOPE), maps.get(0), classes);
    }
  }

  /** PSPNet's, on the last map. */
  record PspNet(long channels) implements SegmentationHead {
    /** As wide as published. */
    public static final long CHANNELS = 256;

    @Override
    public String name() {
      return "pspnet";
    }

    @Override
    public int first(int maps) {
      return maps - 1;
    }

    @Override
    public FeatureMap scores(
        Scope root, DenseBackbone backbone, List<FeatureMap> maps, int classes) {
      return new PspHead(channels, ScoreLayer.PUBLISHED)
          .apply(root.child(SCOPE), maps.get(0), classes);
    }
  }

  /** UPerNet's, on all maps. */
  record UperNet(long channels) implements SegmentationHead {
    /** As wide as published. */
    public static final long CHANNELS = 512;

    @Override
    public String name() {
      return "upernet";
    }

    @Override
    public FeatureMap scores(
        Scope root, DenseBackbone backbone, List<FeatureMap> maps, int classes) {
      return new UperHead(channels, ScoreLayer.PUBLISHED).apply(root.child(SCOPE), maps, classes);
    }
  }
}
