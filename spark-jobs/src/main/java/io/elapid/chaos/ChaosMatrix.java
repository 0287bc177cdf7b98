package io.elapid.chaos;

import java.util.ArrayList;
import java.util.List;

/** All cases, in the order in which they are run. */
public final class ChaosMatrix {
  private ChaosMatrix() {}

  public static List<ChaosCase> cases() {
    List<ChaosCase> cases = new ArrayList<>(RankCases.all());
    cases.addAll(FailureCases.all());
    cases.addAll(DriverCases.all());
    cases.addAll(StorageCases.all());
    cases.addAll(BitwiseCases.all());
    return cases;
  }

  /** The case of that name. */
  public static ChaosCase named(String name) {
    return cases().stream()
        .filter(one -> one.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("there is no case " + name));
  }
}
