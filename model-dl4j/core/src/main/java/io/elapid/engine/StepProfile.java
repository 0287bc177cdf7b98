package io.elapid.engine;

import io.elapid.benchmark.Times;
import io.elapid.benchmark.Work;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Where the time of a step goes; every duration is a median over observed runs, in nanoseconds.
 *
 * @param kinds most expensive first
 * @param run a run from its start to its end
 * @param products convolutions and matrix products of a run
 * @param timesProducts how many times as long as its own products a run took, the median; noise
 *     that hits a run hits both
 * @param outside what of a run is neither kernel, nor native operation, nor update
 */
public record StepProfile(
    List<Kind> kinds, long run, long products, double timesProducts, long outside) {
  /** Keeps its own copy. */
  public StepProfile {
    kinds = List.copyOf(kinds);
  }

  /**
   * All operations of a kind.
   *
   * @param calls in a run
   * @param nanos sum over the medians of its operations
   * @param product whether convolutions or matrix products are what they mostly do
   */
  public record Kind(String name, int calls, long nanos, boolean product, List<Work> work) {
    /** Keeps its own copy. */
    public Kind {
      work = List.copyOf(work);
    }

    /** Nanoseconds that its operations take at least on a machine of those speeds. */
    public double floor(Work.Speeds speeds) {
      return work.stream().mapToDouble(one -> one.floor(speeds)).sum();
    }

    private Kind plus(Kind other) {
      List<Work> all = new ArrayList<>(work);
      all.addAll(other.work);
      return new Kind(name, calls + other.calls, nanos + other.nanos, product, all);
    }
  }

  /** Nanoseconds that the step takes at least on a machine of those speeds. */
  public double floor(Work.Speeds speeds) {
    return kinds.stream().mapToDouble(kind -> kind.floor(speeds)).sum();
  }

  /** Listens to a number of runs. */
  static final class Recorder implements StepProgram.Observer {
    private final Map<String, StepOperation> operations = new HashMap<>();
    private final Map<String, Kind> kinds = new LinkedHashMap<>();
    private final Map<String, List<Long>> durations = new LinkedHashMap<>();
    private final Map<String, String> kindOf = new HashMap<>();
    private final List<Long> runs = new ArrayList<>();
    private final List<Long> outsides = new ArrayList<>();
    private final List<Long> productTimes = new ArrayList<>();
    private long elsewhere;
    private long products;

    Recorder(List<StepOperation> operations) {
      operations.forEach(operation -> this.operations.put(operation.name(), operation));
    }

    @Override
    public void executed(String kind, String name, long nanos) {
      durations.computeIfAbsent(name, first -> new ArrayList<>()).add(nanos);
      kindOf.put(name, kind);
      if (!OpWork.isOurs(kind)) {
        elsewhere += nanos;
      }
      StepOperation operation = operations.get(name);
      if (operation != null && operation.product()) {
        products += nanos;
      }
    }

    /**
     * Ends a run.
     *
     * @param inKernels nanoseconds of it that our own kernels took
     */
    void endRun(long nanos, long inKernels) {
      runs.add(nanos);
      outsides.add(nanos - inKernels - elsewhere);
      productTimes.add(products);
      elsewhere = 0;
      products = 0;
    }

    StepProfile profile() {
      durations.forEach(
          (name, nanos) -> {
            Kind one = one(name, median(nanos));
            kinds.merge(one.name(), one, Kind::plus);
          });
      List<Kind> sorted = new ArrayList<>(kinds.values());
      sorted.sort(Comparator.comparingLong(Kind::nanos).reversed());
      return new StepProfile(
          sorted, median(runs), median(productTimes), timesProducts(), median(outsides));
    }

    private double timesProducts() {
      double[] ratios =
          IntStream.range(0, runs.size())
              .mapToDouble(i -> (double) runs.get(i) / productTimes.get(i))
              .sorted()
              .toArray();
      return ratios[(ratios.length - 1) / 2];
    }

    private Kind one(String name, long nanos) {
      StepOperation operation = operations.get(name);
      return operation == null
          ? new Kind(kindOf.get(name), 1, nanos, false, List.of())
          : new Kind(operation.kind(), 1, nanos, operation.product(), List.of(operation.work()));
    }

    private static long median(List<Long> nanos) {
      return new Times(nanos.stream().mapToLong(Long::longValue).toArray()).median();
    }
  }
}
