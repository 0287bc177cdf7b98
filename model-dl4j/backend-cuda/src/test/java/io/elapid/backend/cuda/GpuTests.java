package io.elapid.backend.cuda;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.elapid.kernel.AcceleratorUnavailableException;
import io.elapid.op.OpRegistry;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.Filter;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TagFilter;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/**
 * Runs the tests of kernels where there is no Maven: on the GPU machine that a bundle went to.
 *
 * <p>Argument {@code kernels}: only the fast ones, of single kernels.
 */
final class GpuTests {
  /** System property: names of the classes of the core's contract, as the build runs them. */
  private static final String CONTRACT = "elapid.test.contract";

  private final Launcher launcher = LauncherFactory.create();
  private long failures;

  private GpuTests() {}

  public static void main(String[] args) {
    GpuTests tests = new GpuTests();
    tests.run(
        "kernels", selectClass(KernelChecksTest.class), selectClass(CudaSelectiveScanTest.class));
    if (!Arrays.asList(args).contains("kernels")) {
      tests.contract();
      tests.run(
          "training", selectClass(DeviceTrainingTest.class), selectClass(DenseTrainingTest.class));
      tests.communicator();
    }
    System.exit(tests.failures == 0 ? 0 : 1);
  }

  private void communicator() {
    try {
      Nccl.load();
    } catch (AcceleratorUnavailableException e) {
      System.out.println("sums over GPUs: skipped, " + e.getMessage());
      return;
    }
    run("sums over GPUs", selectClass(NcclOnDeviceTest.class));
  }

  private void contract() {
    String kernels = OpRegistry.register().kernels().name();
    if (!kernels.startsWith("cuda")) {
      System.out.println("contract: the kernels at hand are " + kernels + ", not those of a GPU");
      failures++;
      return;
    }
    for (String name : System.getProperty(CONTRACT).split(",")) {
      run(name, List.of(selectClass(name)), TagFilter.includeTags("backend"));
    }
  }

  private void run(String title, DiscoverySelector... classes) {
    run(title, List.of(classes), TagFilter.includeTags("gpu"));
  }

  private void run(String title, List<DiscoverySelector> classes, Filter<?> filter) {
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request().selectors(classes).filters(filter).build();
    SummaryGeneratingListener listener = new SummaryGeneratingListener();
    long start = System.nanoTime();
    launcher.execute(request, listener);
    TestExecutionSummary summary = listener.getSummary();
    summary.printFailuresTo(new PrintWriter(System.out, true), 20);
    System.out.printf(
        "%s: %d passed, %d failed, %d skipped, %.1f s%n",
        title,
        summary.getTestsSucceededCount(),
        summary.getTotalFailureCount(),
        summary.getTestsSkippedCount() + summary.getTestsAbortedCount(),
        (System.nanoTime() - start) / 1e9);
    failures += summary.getTotalFailureCount();
    if (summary.getTestsSucceededCount() == 0) {
      failures++;
    }
  }
}
