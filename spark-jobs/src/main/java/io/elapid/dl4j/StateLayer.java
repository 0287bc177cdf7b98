package io.elapid.dl4j;

import java.util.Collection;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.samediff.SDLayerParams;
import org.deeplearning4j.nn.conf.layers.samediff.SameDiffOutputLayer;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;

/** A whole run as one layer of DL4J with one parameter, which a {@link StateStep} changes. */
final class StateLayer extends SameDiffOutputLayer {
  private static final long serialVersionUID = 1L;

  static final String STATE = "state";

  private final long length;
  private final StateStep step;

  /**
   * @param length of the state, in floats
   */
  StateLayer(long length, StateStep step) {
    this.length = length;
    this.step = step;
  }

  StateStep step() {
    return step;
  }

  @Override
  public void defineParameters(SDLayerParams params) {
    params.addWeightParam(STATE, 1, length);
  }

  @Override
  public void initializeParameters(Map<String, INDArray> params) {
    params.values().forEach(state -> state.assign(0));
  }

  @Override
  public IUpdater getUpdaterByParam(String name) {
    return new Sgd(1);
  }

  @Override
  public Layer instantiate(
      NeuralNetConfiguration conf,
      Collection<TrainingListener> listeners,
      int index,
      INDArray view,
      boolean initialize,
      DataType type) {
    StateLayerRun layer = new StateLayerRun(conf, type);
    layer.setListeners(listeners);
    layer.setIndex(index);
    layer.setParamsViewArray(view);
    layer.setParamTable(initializer().init(conf, view, initialize));
    layer.setConf(conf);
    return layer;
  }

  @Override
  public SDVariable defineLayer(
      SameDiff graph, SDVariable input, SDVariable labels, Map<String, SDVariable> params) {
    throw new UnsupportedOperationException("the layer is no graph");
  }

  @Override
  public String activationsVertexName() {
    return STATE;
  }

  @Override
  public InputType getOutputType(int index, InputType input) {
    return InputType.feedForward(1);
  }
}
