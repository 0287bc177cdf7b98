package io.elapid.backend.cuda;

import io.elapid.backend.cuda.Launch.Arguments;
import io.elapid.backend.cuda.Launch.Shape;
import io.elapid.kernel.ScanGeometry;
import io.elapid.kernel.ScanOrder;
import io.elapid.kernel.ScanProjectionKernel;

/** Scan projections of floats, see {@code scan_projection.cuh}. */
final class CudaScanProjection implements ScanProjectionKernel {
  private static final String FORWARD = "scan_projection";
  private static final String GRADIENT = "scan_projection_gradient";

  private final Device device;
  private final PositionTables tables;
  private final ScanProjectionKernel host;

  CudaScanProjection(Device device, PositionTables tables, ScanProjectionKernel host) {
    this.device = device;
    this.tables = tables;
    this.host = host;
  }

  private static boolean isOurs(Inputs in) {
    return Frame.takes(in.x()) && Frame.takes(in.dtWeight());
  }

  /** How results are cut into tiles: the same on every device. */
  private record Tiles(ScanGeometry geometry) {
    /** Step and position of each token of a tile. */
    private static final int TOKENS = 2 * ProductTiles.COLUMNS * Integer.BYTES;

    /** Rows of a warp that there are kernels for. */
    private static final int[] WARP_ROWS = {1, 2, 3, 5, 8};

    private static final int MOST_WARP_ROWS = 8;

    /** Tokens that are worth a block of their own where there are sums over them. */
    private static final int SHARE = 128;

    private static final int MOST_SHARES = 64;

    /** Blocks that are enough for such sums. */
    private static final int ENOUGH = 512;

    /** Rows of a warp, for so many rows in tiles of about equal size. */
    static int warpRows(int rows) {
      int tiles = ProductTiles.rowTiles(rows, MOST_WARP_ROWS);
      for (int warpRows : WARP_ROWS) {
        if (warpRows * ProductTiles.WARPS * tiles >= rows) {
          return warpRows;
        }
      }
      throw new IllegalStateException("no tiles for " + rows + " rows");
    }

    private static int tilesOf(int rows) {
      return ProductTiles.rowTiles(rows, warpRows(rows));
    }

    int tokens() {
      return geometry.batch() * geometry.steps();
    }

    private int channelTiles() {
      return ProductTiles.columnTiles(geometry.channels());
    }

    private static Shape shape(int x, int y, int z, int warpRows) {
      return ProductTiles.shape(x, y, z, warpRows, TOKENS);
    }

    /** Tokens by rows. */
    Shape byRow(int rows) {
      return shape(
          ProductTiles.columnTiles(tokens()), tilesOf(rows), geometry.directions(), warpRows(rows));
    }

    /** Tokens by channels; directions by groups of so many. */
    Shape byChannel(int sharing) {
      return shape(
          ProductTiles.columnTiles(tokens()),
          channelTiles(),
          geometry.directions() / sharing,
          MOST_WARP_ROWS);
    }

    /** Parts in which tokens are added for results of so many rows. */
    int shares(int rows) {
      int blocks = channelTiles() * tilesOf(rows) * geometry.directions();
      int most = Math.min(MOST_SHARES, ProductTiles.divideUp(tokens(), SHARE));
      return Math.min(most, ProductTiles.divideUp(ENOUGH, blocks));
    }

    /** Channels by rows, in shares of the tokens. */
    Shape byShare(int rows) {
      return shape(
          channelTiles() * shares(rows), tilesOf(rows), geometry.directions(), warpRows(rows));
    }

    /** Directions that read the same positions. */
    int sharing() {
      boolean shares =
          geometry.order() == ScanOrder.CROSS || geometry.order() == ScanOrder.BIDIRECTIONAL;
      return shares ? geometry.directions() : 1;
    }
  }

  /** What the launches of a call share. */
  private record Call(Frame frame, Tiles tiles, int[] sizes, long table) {
    Arguments arguments() {
      return new Arguments().struct(sizes);
    }

    void launch(String file, String entry, Shape shape, Arguments arguments) {
      frame.launch(Launch.of(file, entry, shape, arguments));
    }

    /** That of an entry for so many rows. */
    void launch(String file, String entry, int rows, Shape shape, Arguments arguments) {
      launch(file, entry + "_" + Tiles.warpRows(rows), shape, arguments);
    }

    /** Of a kernel that writes its sums over tokens in shares. */
    void launchSums(String entry, int rows, long elements, long sum, long... factors) {
      int shares = tiles.shares(rows);
      long parts = shares == 1 ? sum : frame.scratch(shares * elements);
      Arguments arguments =
          arguments().numbers(shares).pointers(table).pointers(factors).pointers(parts);
      launch(GRADIENT, entry, rows, tiles.byShare(rows), arguments);
      if (shares > 1) {
        frame.sumSlices(parts, shares, elements, sum);
      }
    }
  }

  private Call call(Frame frame, Inputs in) {
    ScanGeometry g = in.geometry();
    int[] sizes = {
      g.batch(),
      g.directions(),
      g.channels(),
      g.mapChannels(),
      g.order() == ScanOrder.SEQUENTIAL ? g.channels() : 0,
      g.steps(),
      g.positions(),
      in.rank(),
      g.states()
    };
    return new Call(frame, new Tiles(g), sizes, tables.places(g, g.steps()));
  }

  @Override
  public void forward(Inputs in, Outputs out) {
    if (!isOurs(in)) {
      host.forward(in, out);
      return;
    }
    try (Frame frame = new Frame(device, "scan projection")) {
      Call call = call(frame, in);
      long r = frame.out(out.r());
      call.launch(
          FORWARD,
          "scan_project",
          in.rows(),
          call.tiles().byRow(in.rows()),
          call.arguments()
              .pointers(call.table(), frame.in(in.x()), frame.in(in.xProj()))
              .pointers(r, frame.out(out.b()), frame.out(out.c())));
      call.launch(
          FORWARD,
          "scan_project_steps",
          call.tiles().byChannel(1),
          call.arguments()
              .pointers(call.table(), r, frame.in(in.dtWeight()), frame.out(out.delta())));
      frame.finish();
    }
  }

  @Override
  public void gradient(Inputs in, Gradient a) {
    if (!isOurs(in)) {
      host.gradient(in, a);
      return;
    }
    try (Frame frame = new Frame(device, "gradient of scan projection")) {
      Call call = call(frame, in);
      Tiles tiles = call.tiles();
      long ddelta = frame.in(a.ddelta());
      long q = frame.scratch((long) tiles.tokens() * in.geometry().directions() * in.rows());
      call.launch(
          GRADIENT,
          "scan_project_q",
          in.rank(),
          tiles.byRow(in.rank()),
          call.arguments()
              .pointers(call.table(), ddelta, frame.in(a.db()), frame.in(a.dc()))
              .pointers(frame.in(in.dtWeight()), q));
      call.launch(
          GRADIENT,
          "scan_project_map",
          tiles.byChannel(tiles.sharing()),
          call.arguments()
              .numbers(tiles.sharing())
              .pointers(call.table(), q, frame.in(in.xProj()), frame.out(a.dx())));
      call.launchSums(
          "scan_project_weights",
          in.rows(),
          in.xProj().size(),
          frame.out(a.dxProj()),
          q,
          frame.in(in.x()));
      call.launchSums(
          "scan_project_rank_weights",
          in.rank(),
          in.dtWeight().size(),
          frame.out(a.ddtWeight()),
          ddelta,
          frame.in(a.r()));
      frame.finish();
    }
  }
}
