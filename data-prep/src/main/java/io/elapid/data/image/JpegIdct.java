package io.elapid.data.image;

/**
 * libjpeg's accurate integer inverse transform ("islow": Loeffler, Ligtenberg and Moschytz 1989
 * with 13 bits), to the bit.
 */
final class JpegIdct {
  private static final int BITS = 13;
  private static final int PASS = 2;

  private JpegIdct() {}

  /**
   * One block.
   *
   * @param c dequantised coefficients in natural order; overwritten
   * @param out receives 8 x 8 samples at {@code to}, rows {@code stride} apart
   */
  static void transform(int[] c, byte[] out, int to, int stride) {
    for (int x = 0; x < 8; x++) {
      if ((c[x + 8] | c[x + 16] | c[x + 24] | c[x + 32] | c[x + 40] | c[x + 48] | c[x + 56]) == 0) {
        int dc = c[x] << PASS;
        for (int i = x; i < 64; i += 8) {
          c[i] = dc;
        }
      } else {
        column(c, x);
      }
    }
    for (int y = 0; y < 8; y++) {
      row(c, y * 8, out, to + y * stride);
    }
  }

  /** The odd half's four outputs are shared between both passes by way of one array. */
  private static void column(int[] c, int x) {
    int z2 = c[x + 16];
    int z3 = c[x + 48];
    int z1 = (z2 + z3) * 4433;
    int t2 = z1 + z3 * -15137;
    int t3 = z1 + z2 * 6270;
    int t0 = (c[x] + c[x + 32]) << BITS;
    int t1 = (c[x] - c[x + 32]) << BITS;
    int e0 = t0 + t3;
    int e3 = t0 - t3;
    int e1 = t1 + t2;
    int e2 = t1 - t2;
    int o0 = c[x + 56];
    int o1 = c[x + 40];
    int o2 = c[x + 24];
    int o3 = c[x + 8];
    int w1 = o0 + o3;
    int w2 = o1 + o2;
    int w3 = o0 + o2;
    int w4 = o1 + o3;
    int w5 = (w3 + w4) * 9633;
    w1 *= -7373;
    w2 *= -20995;
    w3 = w3 * -16069 + w5;
    w4 = w4 * -3196 + w5;
    o0 = o0 * 2446 + w1 + w3;
    o1 = o1 * 16819 + w2 + w4;
    o2 = o2 * 25172 + w2 + w3;
    o3 = o3 * 12299 + w1 + w4;
    int half = 1 << (BITS - PASS - 1);
    int shift = BITS - PASS;
    c[x] = (e0 + o3 + half) >> shift;
    c[x + 56] = (e0 - o3 + half) >> shift;
    c[x + 8] = (e1 + o2 + half) >> shift;
    c[x + 48] = (e1 - o2 + half) >> shift;
    c[x + 16] = (e2 + o1 + half) >> shift;
    c[x + 40] = (e2 - o1 + half) >> shift;
    c[x + 24] = (e3 + o0 + half) >> shift;
    c[x + 32] = (e3 - o0 + half) >> shift;
  }

  private static void row(int[] c, int r, byte[] out, int to) {
    int z2 = c[r + 2];
    int z3 = c[r + 6];
    int z1 = (z2 + z3) * 4433;
    int t2 = z1 + z3 * -15137;
    int t3 = z1 + z2 * 6270;
    int t0 = (c[r] + c[r + 4]) << BITS;
    int t1 = (c[r] - c[r + 4]) << BITS;
    int half = 1 << (BITS + PASS + 2);
    int e0 = t0 + t3 + half;
    int e3 = t0 - t3 + half;
    int e1 = t1 + t2 + half;
    int e2 = t1 - t2 + half;
    int o0 = c[r + 7];
    int o1 = c[r + 5];
    int o2 = c[r + 3];
    int o3 = c[r + 1];
    int w1 = o0 + o3;
    int w2 = o1 + o2;
    int w3 = o0 + o2;
    int w4 = o1 + o3;
    int w5 = (w3 + w4) * 9633;
    w1 *= -7373;
    w2 *= -20995;
    w3 = w3 * -16069 + w5;
    w4 = w4 * -3196 + w5;
    o0 = o0 * 2446 + w1 + w3;
    o1 = o1 * 16819 + w2 + w4;
    o2 = o2 * 25172 + w2 + w3;
    o3 = o3 * 12299 + w1 + w4;
    out[to] = sample(e0 + o3);
    out[to + 7] = sample(e0 - o3);
    out[to + 1] = sample(e1 + o2);
    out[to + 6] = sample(e1 - o2);
    out[to + 2] = sample(e2 + o1);
    out[to + 5] = sample(e2 - o1);
    out[to + 3] = sample(e3 + o0);
    out[to + 4] = sample(e3 - o0);
  }

  private static byte sample(int value) {
    int shifted = (value >> (BITS + PASS + 3)) + 128;
    return (byte) Math.max(0, Math.min(255, shifted));
  }
}
