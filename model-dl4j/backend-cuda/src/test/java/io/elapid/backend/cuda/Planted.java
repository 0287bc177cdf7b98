package io.elapid.backend.cuda;

/** What the stand-in is given as PTX of {@code planted.cu}: the entries and their parameters. */
final class Planted {
  static final String PTX =
      ".version 7.6\n"
          + entry("planted_race", false)
          + entry("planted_block_race", false)
          + entry("planted_out_of_bounds", true)
          + entry("planted_read_out_of_bounds", true)
          + entry("planted_shared_out_of_bounds", false)
          + entry("planted_divergence", false);

  private Planted() {}

  private static String entry(String name, boolean number) {
    return ".visible .entry %s(\n.param .u64 to%s\n)\n"
        .formatted(name, number ? ",\n.param .u32 elements" : "");
  }
}
