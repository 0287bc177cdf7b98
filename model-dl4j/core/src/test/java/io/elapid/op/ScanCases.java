package io.elapid.op;

import static io.elapid.op.OpCase.between;
import static io.elapid.op.OpCase.in;

import io.elapid.kernel.ScanOrder;
import io.elapid.kernel.StepRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Scans and their projections in every order: maps of one position, one row, odd sizes; channels,
 * states and lengths that no register and no chunk divides.
 */
final class ScanCases {
  private ScanCases() {}

  /** Sizes of a case; a sequential one has K = directions, others what their order has. */
  private record Sizes(
      ScanOrder order, int batch, int directions, int channels, int height, int width, int states) {

    Sizes(ScanOrder order, int batch, int channels, int height, int width, int states) {
      this(order, batch, order.directions(), channels, height, width, states);
    }

    long[] map() {
      return order == ScanOrder.SEQUENTIAL
          ? new long[] {batch, (long) directions * channels, width}
          : new long[] {batch, channels, height, width};
    }

    long rows() {
      return (long) directions * channels;
    }

    long[] steps(int values) {
      return new long[] {batch, directions, order.steps(height, width), values};
    }
  }

  private static List<Sizes> sizes() {
    return List.of(
        new Sizes(ScanOrder.SEQUENTIAL, 2, 3, 5, 1, 19, 4),
        new Sizes(ScanOrder.SEQUENTIAL, 1, 1, 1, 1, 1, 1),
        new Sizes(ScanOrder.BIDIRECTIONAL, 2, 20, 4, 5, 1),
        new Sizes(ScanOrder.BIDIRECTIONAL, 1, 3, 1, 37, 2),
        new Sizes(ScanOrder.CROSS, 2, 12, 7, 5, 8),
        new Sizes(ScanOrder.CROSS, 1, 16, 4, 4, 3),
        new Sizes(ScanOrder.CROSS, 3, 37, 1, 1, 5),
        new Sizes(ScanOrder.ATROUS, 2, 18, 5, 7, 16),
        new Sizes(ScanOrder.ATROUS, 1, 4, 12, 12, 2),
        new Sizes(ScanOrder.ATROUS, 2, 2, 2, 2, 1));
  }

  static List<OpCase> all() {
    List<OpCase> cases = new ArrayList<>();
    for (Sizes sizes : sizes()) {
      cases.add(scan("scan", sizes, StepRule.SOFTPLUS));
      if (sizes.height() % 2 == 0 || sizes.order() != ScanOrder.ATROUS) {
        projections(cases, sizes, 3);
      }
    }
    Sizes sizes = new Sizes(ScanOrder.CROSS, 2, 17, 3, 6, 4);
    cases.add(scan("scan without softplus", sizes, StepRule.IDENTITY));
    for (int options = 0; options < 3; options++) {
      cases.add(optional(sizes, (options & 1) != 0, (options & 2) != 0));
    }
    projections(cases, sizes, 17);
    return cases;
  }

  /** Large enough that kernels share the work among threads. */
  static List<OpCase> large() {
    List<OpCase> cases = new ArrayList<>();
    Sizes cross = new Sizes(ScanOrder.CROSS, 3, 40, 9, 9, 8);
    cases.add(scan("large scan", cross, StepRule.SOFTPLUS));
    cases.add(scan("large scan without softplus", cross, StepRule.IDENTITY));
    Sizes single = new Sizes(ScanOrder.CROSS, 1, 60, 9, 9, 3);
    cases.add(scan("large scan of one sample", single, StepRule.SOFTPLUS));
    projections(cases, cross, 6);
    Sizes bidirectional = new Sizes(ScanOrder.BIDIRECTIONAL, 3, 200, 8, 8, 1);
    cases.add(scan("large scan", bidirectional, StepRule.SOFTPLUS));
    projections(cases, bidirectional, 10);
    Sizes atrous = new Sizes(ScanOrder.ATROUS, 3, 40, 17, 18, 16);
    cases.add(scan("large scan", atrous, StepRule.SOFTPLUS));
    projections(cases, atrous, 3);
    return cases;
  }

  private static List<OpCase.Input> required(Sizes s, double least) {
    return List.of(
        in("u", s.map()),
        between("delta", least, 2, s.steps(s.channels())),
        in("b", s.steps(s.states())),
        in("c", s.steps(s.states())),
        between("aLog", -0.5, 1.5, s.rows(), s.states()));
  }

  private static OpCase op(String name, List<OpCase.Input> inputs, OpCase.Body body) {
    return new OpCase(name, OpCase.Reach.EVERYWHERE, inputs, body);
  }

  private static OpCase scan(String name, Sizes s, StepRule rule) {
    List<OpCase.Input> inputs = new ArrayList<>(required(s, rule == StepRule.SOFTPLUS ? 0 : -0.1));
    inputs.add(between("skip", 0.5, 1.5, s.rows()));
    double bias = rule == StepRule.SOFTPLUS ? -3 : 0;
    inputs.add(between("bias", bias, 1, s.directions(), s.channels()));
    return op(
        name + " " + s,
        inputs,
        (g, v) ->
            List.of(
                SelectiveScan.apply(
                    g, terms(v, Optional.of(v.get(5)), Optional.of(v.get(6))), rule, s.order())));
  }

  private static OpCase optional(Sizes s, boolean hasSkip, boolean hasBias) {
    List<OpCase.Input> inputs = new ArrayList<>(required(s, 0));
    if (hasSkip) {
      inputs.add(between("skip", 0.5, 1.5, s.rows()));
    }
    if (hasBias) {
      inputs.add(between("bias", -3, 1, s.rows()));
    }
    return op(
        "scan" + (hasSkip ? " with skip" : "") + (hasBias ? " with bias" : "") + " only " + s,
        inputs,
        (g, v) ->
            List.of(
                SelectiveScan.apply(
                    g,
                    terms(
                        v,
                        hasSkip ? Optional.of(v.get(5)) : Optional.empty(),
                        hasBias ? Optional.of(v.get(v.size() - 1)) : Optional.empty()),
                    StepRule.SOFTPLUS,
                    s.order())));
  }

  private static SelectiveScan.Terms terms(
      List<SDVariable> v, Optional<SDVariable> skip, Optional<SDVariable> bias) {
    return new SelectiveScan.Terms(v.get(0), v.get(1), v.get(2), v.get(3), v.get(4), skip, bias);
  }

  private static void projections(List<OpCase> cases, Sizes s, int rank) {
    List<OpCase.Input> inputs = new ArrayList<>();
    inputs.add(in("x", s.map()));
    inputs.add(in("xProj", s.directions(), rank + 2L * s.states(), s.channels()));
    inputs.add(in("dtWeight", s.directions(), s.channels(), rank));
    String name = " of rank " + rank + " " + s;
    cases.add(op("projection" + name, inputs, (g, v) -> List.of(project(g, v, s).delta())));
  }

  /** Projections before scans, where all their results have a gradient. */
  static List<OpCase> composed() {
    List<OpCase> cases = new ArrayList<>();
    for (Sizes s : sizes()) {
      List<OpCase.Input> inputs =
          List.of(
              in("x", s.map()),
              in("xProj", s.directions(), 3 + 2L * s.states(), s.channels()),
              in("dtWeight", s.directions(), s.channels(), 3),
              between("aLog", -0.5, 1.5, s.rows(), s.states()));
      cases.add(op("projection and scan " + s, inputs, (g, v) -> List.of(projectedScan(g, v, s))));
    }
    return cases;
  }

  private static SDVariable projectedScan(SameDiff g, List<SDVariable> v, Sizes s) {
    ScanProjection.Outputs p = project(g, v, s);
    List<SDVariable> inputs = List.of(v.get(0), p.delta(), p.b(), p.c(), v.get(3));
    SelectiveScan.Terms terms = terms(inputs, Optional.empty(), Optional.empty());
    return SelectiveScan.apply(g, terms, StepRule.SOFTPLUS, s.order());
  }

  private static ScanProjection.Outputs project(SameDiff g, List<SDVariable> v, Sizes s) {
    return ScanProjection.apply(g, v.get(0), v.get(1), v.get(2), s.order(), s.states());
  }
}
