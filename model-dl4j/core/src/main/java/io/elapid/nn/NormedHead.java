package io.elapid.nn;

import io.elapid.graph.Mode;
import io.elapid.graph.Scope;
import io.elapid.graph.Weights;
import io.elapid.op.Linear;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * A batch norm over the batch and a linear classifier. Parameters {@code bn}, {@code l}; in the
 * deploy form one linear layer, {@code weight} and {@code bias}.
 */
public final class NormedHead {
  private NormedHead() {}

  /** From {@code x} (batch, features) to (batch, classes). */
  public static SDVariable apply(Scope scope, SDVariable x, long features, long classes) {
    if (scope.mode() == Mode.DEPLOY) {
      Folding folding = new Folding(scope.name("l"), scope.name("bn"), features, classes);
      SDVariable weight = scope.derived("weight", folding::weight, classes, features);
      SDVariable bias = scope.derived("bias", folding::bias, classes);
      return scope.tap(Linear.apply(scope.graph(), x, weight, bias));
    }
    SDVariable normalised = BatchNormalization.apply(scope.child("bn"), x, features);
    return scope.tap(LinearHead.apply(scope.child("l"), normalised, features, classes));
  }

  /** {@code W diag(g)} and {@code W (beta - mean g) + b}, with {@code g} of the batch norm. */
  private record Folding(String linear, String norm, long features, long classes) {
    double[] weight(Weights trainForm) {
      double[] scale = BatchNormFolding.scale(trainForm, norm, features);
      double[] weight = trainForm.values(linear + ".weight", classes, features).clone();
      for (int i = 0; i < weight.length; i++) {
        weight[i] *= scale[i % scale.length];
      }
      return weight;
    }

    double[] bias(Weights trainForm) {
      double[] shift = BatchNormFolding.normalised(trainForm, norm, new double[(int) features]);
      double[] weight = trainForm.values(linear + ".weight", classes, features);
      double[] bias = trainForm.values(linear + ".bias", classes).clone();
      for (int i = 0; i < weight.length; i++) {
        bias[i / shift.length] += weight[i] * shift[i % shift.length];
      }
      return bias;
    }
  }
}
