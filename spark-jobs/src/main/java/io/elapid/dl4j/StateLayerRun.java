package io.elapid.dl4j;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.samediff.SameDiffOutputLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A {@link StateLayer} at work on one worker: what DL4J takes for its backward pass is a whole step
 * of ours, which changes the state in place. The gradient is zero, and so DL4J's update leaves the
 * state as it is, to the bit.
 */
final class StateLayerRun extends SameDiffOutputLayer {
  private static final long serialVersionUID = 1L;

  private double loss;

  StateLayerRun(NeuralNetConfiguration conf, DataType type) {
    super(conf, type);
  }

  /** Nobody looks at scores while DL4J fits; what is evaluated is evaluated elsewhere. */
  @Override
  public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
    return workspaces.dup(ArrayType.ACTIVATIONS, labels);
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
    Rows.At at = Rows.read(input);
    loss = step(at, floats(paramTable.get(StateLayer.STATE)));
    INDArray gradient = gradTable.get(StateLayer.STATE).assign(0);
    Gradient gradients = new DefaultGradient();
    gradients.gradientForVariable().put(StateLayer.STATE, gradient);
    return new Pair<>(gradients, Nd4j.zeros(input.shape()));
  }

  private double step(Rows.At at, ByteBuffer state) {
    StateStep step = ((StateLayer) layerConf()).step();
    try {
      return step.run(at.worker(), at.step(), state);
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
  }

  /** The raw bytes of a dense array that begins where its memory does. */
  static ByteBuffer floats(INDArray array) {
    if (array.offset() != 0 || array.dataType() != DataType.FLOAT) {
      throw new IllegalStateException(
          "not the whole of a float array: " + array.shapeInfoToString());
    }
    int bytes = Math.toIntExact(array.length() * Float.BYTES);
    return array
        .data()
        .pointer()
        .asByteBuffer()
        .limit(bytes)
        .slice()
        .order(ByteOrder.nativeOrder());
  }

  @Override
  public double computeScore(double penalty, boolean training, LayerWorkspaceMgr workspaces) {
    return loss;
  }
}
