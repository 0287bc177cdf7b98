package io.elapid.backend.cuda;

import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every kernel against the plain loops in double: on the stand-in, or on a GPU. */
@Tag(StandInCondition.TAG)
@Tag("gpu")
class KernelChecksTest {
  static Set<String> names() {
    return KernelChecks.all().keySet();
  }

  @ParameterizedTest
  @MethodSource("names")
  void agreesWithTheReferenceAndWithItself(String name) {
    KernelChecks.all().get(name).compare();
  }
}
