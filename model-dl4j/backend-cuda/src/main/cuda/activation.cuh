// Activations by the codes of ActivationKind.
#pragma once

#include "elapid.cuh"

#define RELU 1
#define SIGMOID 2
#define SILU 3
#define GELU 4

#define SQRT_HALF 0.7071067811865476f
#define INVERSE_SQRT_TWO_PI 0.3989422804014327f

static __device__ __forceinline__ float normalCdf(float x) { return 0.5f * erfcf(-x * SQRT_HALF); }

static __device__ __forceinline__ float activate(int kind, float x) {
  switch (kind) {
    case RELU: return x < 0.0f ? 0.0f : x;
    case SIGMOID: return sigmoid(x);
    case SILU: return x * sigmoid(x);
    case GELU: return x * normalCdf(x);
    default: return x;
  }
}

// The gradient in the activation's argument x.
static __device__ __forceinline__ float activationGradient(int kind, float x, float dy) {
  float s;
  switch (kind) {
    case RELU: return x <= 0.0f ? 0.0f : dy;
    case SIGMOID: s = sigmoid(x); return dy * s * (1.0f - s);
    case SILU: s = sigmoid(x); return dy * s * (1.0f + x * (1.0f - s));
    case GELU: return dy * (normalCdf(x) + x * expf(-0.5f * x * x) * INVERSE_SQRT_TWO_PI);
    default: return dy;
  }
}
