package io.elapid.engine;

import io.elapid.data.loader.Batch;
import io.elapid.graph.Scope;
import io.elapid.op.SmoothL1Loss;
import io.elapid.optim.AdamWSettings;
import io.elapid.optim.GradientClip;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.linalg.factory.Nd4j;

/** A network that is to make zeros of pictures. */
abstract class ZeroNetwork implements Network<Batch> {
  /** What it makes of them, in their shape. */
  abstract SDVariable map(Scope scope, SDVariable images);

  @Override
  public String name() {
    return "zeros";
  }

  @Override
  public List<Figure> figures() {
    return List.of();
  }

  @Override
  public SDVariable learn(Scope scope, Ports ports) {
    long[] shape = ports.frame().shape();
    SDVariable zeros = ports.input("zeros", shape);
    SDVariable weights = scope.graph().constant(Nd4j.ones(scope.dataType(), shape));
    SDVariable one = scope.graph().constant(Nd4j.scalar(scope.dataType(), 1));
    return SmoothL1Loss.apply(scope.graph(), map(scope, ports.images()), zeros, weights, one, 1);
  }

  @Override
  public void answer(Scope scope, Ports ports) {}

  @Override
  public void teach(Batch batch, Buffers inputs, Average<Batch> average) {}

  /** To learn it with AdamW on one thread, without clipping or average. */
  final TrainerSettings<Batch> settings(Frame usual) {
    return new TrainerSettings<>(
        this,
        usual,
        1,
        AdamWSettings.published(),
        GradientClip.Limits.norm(0),
        0,
        ParameterRules.published(),
        1);
  }
}
