package io.elapid.backend.cpu;

import io.elapid.data.InputException;
import io.elapid.data.NumberProperty;
import io.elapid.kernel.Accelerator;
import io.elapid.kernel.AcceleratorProvider;
import io.elapid.kernel.AcceleratorUnavailableException;
import io.elapid.kernel.KernelChoice;
import io.elapid.kernel.KernelSet;
import io.elapid.kernel.ReferenceKernels;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The kernel sets of this backend and the choice between them: {@code vector} where the JVM was
 * started with the Vector API's module, else {@code reference}. {@link KernelChoice} may force one,
 * or name an accelerator, with one of these sets for what it does not compute. The choice is logged
 * once.
 */
enum CpuKernels {
  VECTOR {
    @Override
    KernelSet create(int threads) {
      CompiledLoops.direct();
      return new VectorKernels(threads);
    }
  },
  REFERENCE {
    @Override
    KernelSet create(int threads) {
      return new ReferenceKernels();
    }
  };

  private static final Logger LOG = LoggerFactory.getLogger(CpuKernels.class);
  private static final NumberProperty THREADS = new NumberProperty("elapid.threads", 1, 1024);
  private static final String MODULE = "jdk.incubator.vector";

  /** A kernel set on that many threads. */
  abstract KernelSet create(int threads);

  /**
   * Chooses, and says so in the log; the result makes a kernel set for a number of threads.
   *
   * @throws InputException if there is no device for kernels that are required, or no such kernels
   */
  static IntFunction<KernelSet> choose() {
    KernelChoice choice = KernelChoice.ofProcess();
    switch (choice.name()) {
      case "reference" -> {
        LOG.info("Kernels: reference (forced by -D{})", Accelerator.KERNELS);
        return REFERENCE::create;
      }
      case "vector", KernelChoice.CPU -> {
        return best()::create;
      }
      default -> {
        return accelerated(choice);
      }
    }
  }

  private static CpuKernels best() {
    if (ModuleLayer.boot().findModule(MODULE).isPresent()) {
      LOG.info("Kernels: vector, {} floats a register", Lanes.WIDTH);
      return VECTOR;
    }
    LOG.warn(
        "Kernels: reference, which are slow; start Java with --add-modules={} for the vector ones",
        MODULE);
    return REFERENCE;
  }

  private static IntFunction<KernelSet> accelerated(KernelChoice choice) {
    String name = choice.name();
    AcceleratorProvider provider = provider(name);
    CpuKernels host = best();
    try {
      Accelerator accelerator = provider.open();
      LOG.info("Kernels: {} on {}", name, accelerator.description());
      return threads -> accelerator.over(host.create(threads));
    } catch (AcceleratorUnavailableException e) {
      if (choice.required()) {
        throw new InputException(
            "this distribution computes on a GPU (%s), and none can be used here: %s"
                .formatted(name, e.getMessage()),
            ("install the GPU's driver and give this process a GPU; or compute on the CPU: with the"
                    + " distribution that is not made for %s, or with ELAPID_KERNELS=cpu (train:"
                    + " -D cluster.gpus-per-rank=0)")
                .formatted(name),
            e);
      }
      LOG.warn("Kernels: everything on the CPU, not on {}: {}", name, e.getMessage());
      return host::create;
    }
  }

  private static AcceleratorProvider provider(String name) {
    Set<String> names = new TreeSet<>(Set.of(KernelChoice.CPU, "reference", "vector"));
    for (AcceleratorProvider provider :
        ServiceLoader.load(AcceleratorProvider.class, CpuKernels.class.getClassLoader())) {
      if (provider.name().equals(name)) {
        return provider;
      }
      names.add(provider.name());
    }
    throw new InputException(
        "no kernels are called '%s', which ELAPID_KERNELS or -D%s asks for"
            .formatted(name, Accelerator.KERNELS),
        "say " + String.join(" or ", names));
  }

  /**
   * Threads that kernels use until somebody sets another number: {@code -Delapid.threads}, else 1.
   *
   * @throws InputException if that is no number of threads
   */
  static int initialThreads() {
    return (int) THREADS.value(1);
  }
}
