package io.elapid.data.target;

/** How much two boxes have of each other, in 32 bits, as published detectors calculate. */
public enum BoxOverlap {
  /** Intersection over union. */
  IOU {
    @Override
    float of(float common, float first, float union, Box a, Box b) {
      return common / Math.max(union, EPSILON);
    }
  },
  /** Intersection over the first box ("foreground"). */
  IOF {
    @Override
    float of(float common, float first, float union, Box a, Box b) {
      return common / Math.max(first, EPSILON);
    }
  },
  /** {@link #IOU} less the share of the smallest box around both that neither covers. */
  GIOU {
    @Override
    float of(float common, float first, float union, Box a, Box b) {
      float width = Math.max(a.right(), b.right()) - Math.min(a.left(), b.left());
      float height = Math.max(a.bottom(), b.bottom()) - Math.min(a.top(), b.top());
      float around = Math.max(Math.max(0, width) * Math.max(0, height), EPSILON);
      float covered = Math.max(union, EPSILON);
      return common / covered - (around - covered) / around;
    }
  };

  /** Keeps boxes without an area from dividing by zero. */
  private static final float EPSILON = 1e-6f;

  /** The overlap of two boxes, in [0, 1], or [-1, 1] for {@link #GIOU}. */
  public float of(Box a, Box b) {
    float width = Math.min(a.right(), b.right()) - Math.max(a.left(), b.left());
    float height = Math.min(a.bottom(), b.bottom()) - Math.max(a.top(), b.top());
    float common = Math.max(0, width) * Math.max(0, height);
    float first = a.width() * a.height();
    return of(common, first, first + b.width() * b.height() - common, a, b);
  }

  abstract float of(float common, float first, float union, Box a, Box b);
}
