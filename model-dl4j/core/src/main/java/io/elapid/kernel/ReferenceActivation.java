package io.elapid.kernel;

final class ReferenceActivation implements ActivationKernel {
  @Override
  public void forward(ActivationKind kind, Tensor x, Tensor y) {
    for (int i = 0; i < x.size(); i++) {
      y.put(i, apply(kind, x.at(i)));
    }
  }

  @Override
  public void gradient(ActivationKind kind, Tensor dy, Tensor saved, Tensor dx) {
    for (int i = 0; i < dy.size(); i++) {
      dx.put(i, gradient(kind, dy.at(i), saved.at(i)));
    }
  }

  static double apply(ActivationKind kind, double x) {
    return switch (kind) {
      case IDENTITY -> x;
      case RELU -> Scalars.relu(x);
      case SIGMOID -> Scalars.sigmoid(x);
      case SILU -> Scalars.silu(x);
      case GELU -> Scalars.gelu(x);
    };
  }

  static double gradient(ActivationKind kind, double dy, double saved) {
    return switch (kind) {
      case IDENTITY -> dy;
      case RELU -> Scalars.reluGradient(saved, dy);
      case SIGMOID -> dy * saved * (1 - saved);
      case SILU -> dy * Scalars.siluDerivative(saved);
      case GELU -> dy * Scalars.geluDerivative(saved);
    };
  }
}
