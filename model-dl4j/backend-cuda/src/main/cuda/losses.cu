// Losses of dense predictions; formulas and groups in LossKernel. Each block sums its elements' losses, a last kernel
// adds up the blocks' sums. The slope may lie where the predictions do: a thread reads what it writes over, and before.
#include "elapid.cuh"

struct LossSizes {
  int elements;
  int positions;
  int values;        // of a group that has a label
  int weightValues;  // of one that has a weight
};

// Loss of an element and its derivative.
struct Term {
  float loss;
  float slope;
};

// Where an element is.
struct Place {
  int element;
  int group;
  int value;
};

// Sigmoids of x and -x, ln(1 + e^-|x|): none of them loses digits to the other.
struct Sigmoids {
  float of;
  float ofMinus;
  float log;
};

static __device__ __forceinline__ Sigmoids sigmoids(float x) {
  float e = expf(-fabsf(x));
  float large = 1.0f / (1.0f + e);
  float small = e * large;
  Sigmoids s = {x < 0.0f ? small : large, x < 0.0f ? large : small, log1pf(e)};
  return s;
}

struct Focal {
  float alpha;
  float gamma;
  const float* logits;
  const float* labels;

  __device__ __forceinline__ Term at(const Place& place) const {
    float label = __ldg(labels + place.group);
    bool positive = label == (float)place.value;
    float x = logits[place.element];
    float z = positive ? -x : x;
    Sigmoids s = sigmoids(z);
    float loss = s.log + (z < 0.0f ? 0.0f : z);
    float power = gamma == 2.0f ? s.of * s.of : powf(s.of, gamma);
    float factor = power * (positive ? alpha : 1.0f - alpha);
    float slope = factor * (gamma * s.ofMinus * loss + s.of);
    Term term = {factor * loss, positive ? -slope : slope};
    if (label == -1.0f || label != label) {
      term.loss = label == -1.0f ? 0.0f : label;
      term.slope = term.loss;
    }
    return term;
  }
};

struct SmoothL1 {
  float beta;
  const float* predictions;
  const float* targets;

  __device__ __forceinline__ Term at(const Place& place) const {
    float d = predictions[place.element] - __ldg(targets + place.element);
    Term term;
    if (fabsf(d) < beta) {
      term.slope = d / beta;
      term.loss = 0.5f * d * term.slope;
    } else {
      term.slope = d > 0.0f ? 1.0f : d < 0.0f ? -1.0f : d;
      term.loss = fabsf(d) - 0.5f * beta;
    }
    return term;
  }
};

struct BinaryCrossEntropy {
  const float* logits;
  const float* targets;

  __device__ __forceinline__ Term at(const Place& place) const {
    float x = logits[place.element];
    float target = __ldg(targets + place.element);
    Sigmoids s = sigmoids(x);
    Term term = {s.log + (x > 0.0f ? (1.0f - target) * x : -target * x), s.of - target};
    return term;
  }
};

// Writes the slope and what each block adds to the loss. Grid (shares).
template <class Terms>
static __device__ __forceinline__ void lossOf(const LossSizes& s, const Terms& terms, const float* weights,
                                              const float* divisor, float* slope, float* parts) {
  SHARED float room[LANES];
  float by = __ldg(divisor);
  float total = 0.0f;
  for (int i = globalIndex(); i < s.elements; i += gridDim.x * blockDim.x) {
    int line = i / s.positions;
    int position = i - line * s.positions;
    float weight = weights ? __ldg(weights + (size_t)(line / s.weightValues) * s.positions + position) : 1.0f;
    Term term = {0.0f, 0.0f};
    if (weight != 0.0f) {
      int row = line / s.values;
      Place place = {i, row * s.positions + position, line - row * s.values};
      term = terms.at(place);
      total += weight * term.loss;
      term.slope *= weight;
    }
    slope[i] = term.slope / by;
  }
  total = blockSum(total, room);
  if (threadIdx.x == 0) {
    parts[blockIdx.x] = total;
  }
}

ENTRY(loss_focal, const LossSizes s, float alpha, float gamma, const float* logits, const float* labels,
      const float* weights, const float* divisor, float* slope, float* parts) {
  Focal focal = {alpha, gamma, logits, labels};
  lossOf(s, focal, weights, divisor, slope, parts);
}

ENTRY(loss_smooth_l1, const LossSizes s, float beta, const float* predictions, const float* targets,
      const float* weights, const float* divisor, float* slope, float* parts) {
  SmoothL1 smooth = {beta, predictions, targets};
  lossOf(s, smooth, weights, divisor, slope, parts);
}

ENTRY(loss_binary, const LossSizes s, const float* logits, const float* targets, const float* weights,
      const float* divisor, float* slope, float* parts) {
  BinaryCrossEntropy binary = {logits, targets};
  lossOf(s, binary, weights, divisor, slope, parts);
}

// sum e^x so far, as the largest x and the sum of e^(x - largest).
struct Softmax {
  float largest;
  float sum;
};

static __device__ __forceinline__ void add(Softmax& softmax, float largest, float sum) {
  float ahead = largest - softmax.largest;
  float e = expf(-fabsf(ahead));
  softmax.sum = ahead > 0.0f ? softmax.sum * e + sum : softmax.sum + sum * e;
  softmax.largest = fmaxf(softmax.largest, largest);
}

// Softmax cross-entropy with labels. `Step` threads beside each other have a group, each every Step-th value: one for
// maps, whose neighbours' values lie side by side, and a warp for rows. Grid (shares).
template <int Step>
static __device__ __forceinline__ void labelLoss(const LossSizes& s, int ignored, const float* logits,
                                                 const float* labels, const float* weights, const float* divisor,
                                                 float* slope, float* parts) {
  SHARED float room[LANES];
  int groups = s.elements / s.values;
  int lane = threadIdx.x % Step;
  float by = __ldg(divisor);
  float total = 0.0f;
  for (int g = globalIndex() / Step; g < groups; g += gridDim.x * blockDim.x / Step) {
    int row = g / s.positions;
    size_t start = (size_t)row * s.values * s.positions + (g - row * s.positions);
    float weight = weights ? __ldg(weights + g) : 1.0f;
    float label = __ldg(labels + g);
    if (label == (float)ignored || weight == 0.0f) {
      for (int k = lane; k < s.values; k += Step) {
        slope[start + (size_t)k * s.positions] = 0.0f;
      }
      continue;
    }
    Softmax softmax = {LOWEST, 0.0f};
    for (int k = lane; k < s.values; k += Step) {
      add(softmax, logits[start + (size_t)k * s.positions], 1.0f);
    }
    if (Step > 1) {
#pragma unroll
      for (int bit = Step / 2; bit > 0; bit /= 2) {
        float largest = __shfl_xor_sync(ALL_LANES, softmax.largest, bit);
        float sum = __shfl_xor_sync(ALL_LANES, softmax.sum, bit);
        add(softmax, largest, sum);
      }
    }
    float logSum = logf(softmax.sum);
    float factor = weight / by;
    float others = 0.0f;
    if (label != label) {
      others = label;
      total += label;
    }
    for (int k = lane; k < s.values; k += Step) {
      size_t at = start + (size_t)k * s.positions;
      float x = logits[at] - softmax.largest;
      bool own = label == (float)k;
      if (own) {
        total += weight * (logSum - x);
      }
      slope[at] = factor * (expf(x) / softmax.sum - (own ? 1.0f : others));
    }
  }
  total = blockSum(total, room);
  if (threadIdx.x == 0) {
    parts[blockIdx.x] = total;
  }
}

ENTRY(loss_label_maps, const LossSizes s, int ignored, const float* logits, const float* labels, const float* weights,
      const float* divisor, float* slope, float* parts) {
  labelLoss<1>(s, ignored, logits, labels, weights, divisor, slope, parts);
}

ENTRY(loss_label_rows, const LossSizes s, int ignored, const float* logits, const float* labels, const float* weights,
      const float* divisor, float* slope, float* parts) {
  labelLoss<LANES>(s, ignored, logits, labels, weights, divisor, slope, parts);
}

// The loss of what the blocks have summed; one warp.
ENTRY(loss_total, int count, const float* parts, const float* divisor, float* loss) {
  double sum = 0.0;
  for (int i = threadIdx.x; i < count; i += LANES) {
    sum += parts[i];
  }
#pragma unroll
  for (int bit = LANES / 2; bit > 0; bit /= 2) {
    sum += __shfl_xor_sync(ALL_LANES, sum, bit);
  }
  if (threadIdx.x == 0) {
    loss[0] = (float)(sum / __ldg(divisor));
  }
}

// How many labels of each block are neither NaN, `ignored`, nor one of 0 to classes - 1. Grid (shares).
ENTRY(unknown_labels, int count, int classes, int ignored, const float* labels, float* parts) {
  SHARED float room[LANES];
  float unknown = 0.0f;
  for (int i = globalIndex(); i < count; i += gridDim.x * blockDim.x) {
    float label = __ldg(labels + i);
    bool known = label >= 0.0f && label < classes && label == (float)(int)label;
    unknown += known || label == (float)ignored || label != label ? 0.0f : 1.0f;
  }
  unknown = blockSum(unknown, room);
  if (threadIdx.x == 0) {
    parts[blockIdx.x] = unknown;
  }
}

// dx may lie where the slope does.
ENTRY(loss_gradient, int elements, const float* dloss, const float* slope, float* dx) {
  int i = globalIndex();
  if (i < elements) {
    dx[i] = __ldg(dloss) * slope[i];
  }
}
