package io.elapid.backend.cuda;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** Runs the tests of kernels where there is no Maven: on the GPU machine that a bundle went to. */
final class GpuTests {
  private GpuTests() {}

  public static void main(String[] args) throws ClassNotFoundException {
    List<DiscoverySelector> classes = new ArrayList<>();
    classes.add(selectClass(KernelChecksTest.class));
    classes.add(selectClass(CudaSelectiveScanTest.class));
    if (GpuTests.class.getClassLoader().getResource("org/nd4j/linalg/factory/Nd4j.class") != null) {
      classes.add(selectClass(HybridTrainingTest.class));
    }
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request().selectors(classes).build();
    SummaryGeneratingListener listener = new SummaryGeneratingListener();
    LauncherFactory.create().execute(request, listener);
    TestExecutionSummary summary = listener.getSummary();
    summary.printFailuresTo(new PrintWriter(System.out, true), 20);
    System.out.println(
        summary.getTestsSucceededCount()
            + " passed, "
            + summary.getTotalFailureCount()
            + " failed");
    System.exit(summary.getTotalFailureCount() == 0 ? 0 : 1);
  }
}
