package io.elapid.engine;

import io.elapid.engine.rewrite.Rewrites;
import java.util.Map;
import java.util.Set;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What a {@link StepProgram} computes.
 *
 * @param graph forward graph, or the gradient function of one
 * @param inputs array per placeholder: read at every run, never written; dense row-major, of the
 *     shapes that the program is compiled for
 * @param results array per variable that every run writes; dense row-major, of the variable's shape
 * @param kept further variables to be readable after a run
 * @param rewrites what may be done to the operations first
 */
public record ProgramSpec(
    SameDiff graph,
    Map<String, INDArray> inputs,
    Map<String, INDArray> results,
    Set<String> kept,
    Rewrites rewrites) {

  /** With all rewrites. */
  public ProgramSpec(
      SameDiff graph,
      Map<String, INDArray> inputs,
      Map<String, INDArray> results,
      Set<String> kept) {
    this(graph, inputs, results, kept, Rewrites.all());
  }
}
