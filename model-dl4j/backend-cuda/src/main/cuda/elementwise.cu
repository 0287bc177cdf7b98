// Functions of each element by itself. A thread reads all that it needs before it writes, and not by way of the
// read-only cache: results may lie where operands do.
#include "activation.cuh"

ENTRY(activation_forward, int count, int kind, const float* x, float* y) {
  int i = globalIndex();
  if (i < count) {
    y[i] = activate(kind, x[i]);
  }
}

// `saved` is the activation's result where the kind's derivative is taken from that, otherwise its argument.
ENTRY(activation_gradient, int count, int kind, const float* dy, const float* saved, float* dx) {
  int i = globalIndex();
  if (i < count) {
    float value = saved[i];
    float g = dy[i];
    dx[i] = kind == SIGMOID ? g * value * (1.0f - value) : activationGradient(kind, value, g);
  }
}

#define MOST_TERMS 8

struct Terms {
  const float* at[MOST_TERMS];
};

// y = ((x0 + x1) + x2) + ...
ENTRY(sum_terms, int count, int number, const Terms terms, float* y) {
  int i = globalIndex();
  if (i < count) {
    float sum = terms.at[0][i];
#pragma unroll
    for (int k = 1; k < MOST_TERMS; k++) {
      if (k < number) {
        sum += terms.at[k][i];
      }
    }
    y[i] = sum;
  }
}

ENTRY(silu_gate_forward, int count, const float* y, const float* z, float* out) {
  int i = globalIndex();
  if (i < count) {
    float gate = z[i];
    out[i] = y[i] * (gate * sigmoid(gate));
  }
}

ENTRY(silu_gate_gradient, int count, const float* dout, const float* y, const float* z, float* dy, float* dz) {
  int i = globalIndex();
  if (i < count) {
    float g = dout[i];
    float value = y[i];
    float gate = z[i];
    float s = sigmoid(gate);
    dy[i] = g * (gate * s);
    dz[i] = g * value * (s * (1.0f + gate * (1.0f - s)));
  }
}

// y = factors[sample] x + residual, which may be null; `length` is that of a sample.
ENTRY(sample_scale_forward, int count, int length, const float* x, const float* factors, const float* residual,
      float* y) {
  int i = globalIndex();
  if (i < count) {
    float scaled = factors[i / length] * x[i];
    y[i] = residual != nullptr ? residual[i] + scaled : scaled;
  }
}
