// The part of each row that belongs to the row's class; see ClassSelectKernel. A row has `classes` parts.
#include "elapid.cuh"

// A thread for each element of y. What is no class gives zeros, a label that is NaN gives NaN.
ENTRY(class_select_forward, int elements, int classes, int part, const float* x, const float* labels, float* y) {
  int i = globalIndex();
  if (i >= elements) {
    return;
  }
  int row = i / part;
  float label = __ldg(labels + row);
  bool known = label >= 0.0f && label < classes;
  y[i] = known           ? __ldg(x + ((size_t)row * classes + (int)label) * part + (i - row * part))
         : label != label ? label
                          : 0.0f;
}

// A thread for each element of dx.
ENTRY(class_select_gradient, int elements, int classes, int part, const float* dy, const float* labels, float* dx) {
  int i = globalIndex();
  if (i >= elements) {
    return;
  }
  int at = i / part;
  int row = at / classes;
  bool own = __ldg(labels + row) == (float)(at - row * classes);
  dx[i] = own ? __ldg(dy + (size_t)row * part + (i - at * part)) : 0.0f;
}
