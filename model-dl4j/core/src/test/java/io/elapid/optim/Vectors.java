package io.elapid.optim;

/** Flat vectors from and to plain arrays. */
final class Vectors {
  private Vectors() {}

  static FlatVector.Floats floats(float... values) {
    FlatVector.Floats vector = FlatVector.allocateFloats(values.length);
    vector.values().put(0, values);
    return vector;
  }

  static FlatVector.Doubles doubles(float... values) {
    FlatVector.Doubles vector = FlatVector.allocateDoubles(values.length);
    vector.values().put(0, widen(values));
    return vector;
  }

  static double[] values(FlatVector vector) {
    double[] values = new double[vector.length()];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          vector instanceof FlatVector.Floats floats
              ? floats.values().get(i)
              : ((FlatVector.Doubles) vector).values().get(i);
    }
    return values;
  }

  static double[] widen(float... values) {
    double[] wide = new double[values.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = values[i];
    }
    return wide;
  }
}
