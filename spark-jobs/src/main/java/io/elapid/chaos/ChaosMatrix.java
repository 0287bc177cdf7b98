package io.elapid.chaos;

import java.util.ArrayList;
import java.util.List;

/** All cases, in the order in which they are run. */
public final class ChaosMatrix {
  private ChaosMatrix() {}

  public static List<ChaosCase> cases() {
    List<ChaosCase> cases = new ArrayList<>(RankCases.all());
    cases.addAll(DriverCases.all());
    cases.addAll(StorageCases.all());
    return cases;
  }
}
