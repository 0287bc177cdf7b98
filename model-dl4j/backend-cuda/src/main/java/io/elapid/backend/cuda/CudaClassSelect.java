package io.elapid.backend.cuda;

import io.elapid.backend.cuda.Launch.Arguments;
import io.elapid.backend.cuda.Launch.Shape;
import io.elapid.kernel.ClassSelectKernel;
import io.elapid.kernel.Labels;
import io.elapid.kernel.Tensor;

/** Parts of rows of floats, see {@code class_select.cu}. */
final class CudaClassSelect implements ClassSelectKernel {
  private static final String MODULE = "class_select";
  private static final int NONE = -1;

  private final Device device;
  private final ClassSelectKernel host;

  CudaClassSelect(Device device, ClassSelectKernel host) {
    this.device = device;
    this.host = host;
  }

  @Override
  public void forward(Tensor x, Tensor labels, Tensor y) {
    if (!Frame.takes(x)) {
      host.forward(x, labels, y);
      return;
    }
    int part = y.sizeFrom(1);
    int classes = x.sizeFrom(1) / part;
    try (Frame frame = new Frame(device, "class select")) {
      long classOf = frame.in(labels);
      frame.launch(
          Launch.of(
              MODULE,
              "class_select_forward",
              Shape.elements(y.size()),
              new Arguments()
                  .numbers(y.size(), classes, part)
                  .pointers(frame.in(x), classOf, frame.out(y))));
      // the class K, the background, is known
      UnknownLabels unknown = UnknownLabels.search(frame, labels, classOf, classes + 1, NONE);
      frame.finish();
      if (unknown.found()) {
        for (int row = 0; row < labels.size(); row++) {
          Labels.orNone(labels, row, classes);
        }
      }
    }
  }

  /** Looks for no labels that there are not: {@link #forward} has. */
  @Override
  public void gradient(Tensor dy, Tensor labels, Tensor dx) {
    if (!Frame.takes(dx)) {
      host.gradient(dy, labels, dx);
      return;
    }
    int part = dy.sizeFrom(1);
    try (Frame frame = new Frame(device, "gradient of class select")) {
      frame.launch(
          Launch.of(
              MODULE,
              "class_select_gradient",
              Shape.elements(dx.size()),
              new Arguments()
                  .numbers(dx.size(), dx.sizeFrom(1) / part, part)
                  .pointers(frame.in(dy), frame.in(labels), frame.out(dx))));
      frame.finish();
    }
  }
}
