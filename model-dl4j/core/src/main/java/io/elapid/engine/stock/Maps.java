package io.elapid.engine.stock;

import java.util.ArrayList;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;

/** Cutting, joining and rearranging maps. */
final class Maps {
  private Maps() {}

  static List<SDVariable> concatenation(Call call) {
    return Call.one(call.graph().concat(1, call.inputs().toArray(SDVariable[]::new)));
  }

  static List<SDVariable> split(Call call) {
    List<SDVariable> parts = new ArrayList<>();
    int first = 0;
    for (long[] shape : call.results()) {
      int[] begin = new int[shape.length];
      begin[1] = first;
      parts.add(call.graph().slice(call.in(0), begin, ints(shape)));
      first += Math.toIntExact(shape[1]);
    }
    return parts;
  }

  static List<SDVariable> patches(Call call) {
    SDVariable[] quarters = quarters(call, call.in(0), call.shape(0));
    SDVariable[] columnsFirst = {quarters[0], quarters[2], quarters[1], quarters[3]};
    return Call.one(call.graph().concat(1, columnsFirst));
  }

  /**
   * Every second row and column of {@code x: (B, C, H, W)}, zeros where an odd size ends.
   *
   * @return (B, C, ceil(H / 2), ceil(W / 2)) each: even rows and columns, even and odd, odd and
   *     even, odd and odd
   */
  static SDVariable[] quarters(Call call, SDVariable x, long[] shape) {
    long b = shape[0];
    long c = shape[1];
    long height = shape[2] + shape[2] % 2;
    long width = shape[3] + shape[3] % 2;
    SDVariable even = x;
    if (shape[2] < height) {
      even = call.graph().concat(2, even, call.zeros(b, c, 1, shape[3]));
    }
    if (shape[3] < width) {
      even = call.graph().concat(3, even, call.zeros(b, c, height, 1));
    }
    SDVariable apart =
        call.reshape(even, b, c, height / 2, 2, width / 2, 2).permute(3, 5, 0, 1, 2, 4);
    SDVariable stacked = call.reshape(apart, 4, b, c, height / 2, width / 2);
    return call.graph().unstack(stacked, 0, 4);
  }

  /** The map of that shape whose {@link #quarters} those are. */
  static SDVariable woven(Call call, SDVariable[] quarters, long[] shape) {
    long height = (shape[2] + 1) / 2;
    long width = (shape[3] + 1) / 2;
    SDVariable stacked = call.graph().stack(0, quarters);
    SDVariable apart =
        call.reshape(stacked, 2, 2, shape[0], shape[1], height, width).permute(2, 3, 4, 0, 5, 1);
    SDVariable even = call.reshape(apart, shape[0], shape[1], 2 * height, 2 * width);
    boolean whole = shape[2] % 2 == 0 && shape[3] % 2 == 0;
    return whole ? even : call.graph().slice(even, new int[4], ints(shape));
  }

  static int[] ints(long[] shape) {
    int[] sizes = new int[shape.length];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = Math.toIntExact(shape[i]);
    }
    return sizes;
  }
}
