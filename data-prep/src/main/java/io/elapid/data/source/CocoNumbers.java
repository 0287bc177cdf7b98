package io.elapid.data.source;

import com.fasterxml.jackson.databind.JsonNode;

/** Numbers as annotation and result files hold them. */
public final class CocoNumbers {
  private CocoNumbers() {}

  /** Whether that is a whole number, be it written as 5.0, which is what data frames make of 5. */
  public static boolean isWhole(JsonNode node) {
    return node.isNumber() && node.canConvertToLong() && node.canConvertToExactIntegral();
  }
}
