package io.elapid.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CompiledLoopsTest {
  static Stream<String> patterns() {
    return Stream.concat(CompiledLoops.ALONE.stream(), CompiledLoops.MERGED.stream());
  }

  @ParameterizedTest
  @MethodSource("patterns")
  void everyPatternNamesAMethod(String pattern) throws ClassNotFoundException {
    int dot = pattern.indexOf('.');
    String name = pattern.substring(dot + 1);
    Class<?> type =
        Class.forName(CompiledLoops.class.getPackageName() + '.' + pattern.substring(0, dot));
    Set<String> methods =
        Arrays.stream(type.getDeclaredMethods()).map(Method::getName).collect(Collectors.toSet());
    assertThat(methods).isNotEmpty();
    if (!name.equals("*")) {
      assertThat(methods).contains(name);
    }
  }

  @Test
  void theCompilerHasTheDirectivesOnceKernelsAreChosen() throws Exception {
    CpuKernels.choose().apply(1).close();
    Object printed =
        ManagementFactory.getPlatformMBeanServer()
            .invoke(
                new ObjectName("com.sun.management:type=DiagnosticCommand"),
                "compilerDirectivesPrint",
                new Object[] {},
                new String[] {});
    assertThat(printed.toString())
        .contains("io/elapid/*.*", "-io/elapid/backend/cpu/LayerNormRows.*")
        .contains("+io/elapid/backend/cpu/Lanes.*");
  }
}
