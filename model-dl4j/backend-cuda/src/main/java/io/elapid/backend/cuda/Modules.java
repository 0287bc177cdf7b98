package io.elapid.backend.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** The kernels of one context: PTX is compiled for the device when first asked for. */
final class Modules implements AutoCloseable {
  private final Driver driver;
  private final Map<String, Long> modules = new HashMap<>();
  private final Map<String, Function> functions = new HashMap<>();

  /** An entry, and how much dynamic shared memory it may have so far. */
  private static final class Function {
    private static final int EVERYWHERE = 48 << 10;

    private final long handle;
    private int sharedBytes = EVERYWHERE;

    Function(long handle) {
      this.handle = handle;
    }
  }

  Modules(Driver driver) {
    this.driver = driver;
  }

  /** The entry of a file, ready to be given {@code sharedBytes}. */
  long function(String module, String name, int sharedBytes) {
    Function function = functions.get(name);
    if (function == null) {
      long loaded = modules.computeIfAbsent(module, m -> load(m, text(m)));
      function = new Function(driver.function(loaded, name));
      functions.put(name, function);
    }
    if (sharedBytes > function.sharedBytes) {
      driver.allowShared(function.handle, sharedBytes);
      function.sharedBytes = sharedBytes;
    }
    return function.handle;
  }

  /** Adds a file of kernels that is not among the resources. */
  void add(String module, String ptx) {
    modules.put(module, load(module, ptx));
  }

  private long load(String module, String ptx) {
    NativeMemory text = NativeMemory.string(ptx);
    try {
      return driver.loadModule(text);
    } catch (CudaException e) {
      throw new CudaException("kernels of " + module + ".ptx: " + e.getMessage(), e);
    } finally {
      java.lang.ref.Reference.reachabilityFence(text);
    }
  }

  private static String text(String module) {
    try (InputStream in = Modules.class.getResourceAsStream(module + ".ptx")) {
      if (in == null) {
        throw new IllegalStateException("no kernels " + module + ".ptx in the jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
    } catch (IOException e) {
      throw new IllegalStateException("cannot read " + module + ".ptx from the jar", e);
    }
  }

  @Override
  public void close() {
    modules.values().forEach(driver::unloadModule);
    modules.clear();
    functions.clear();
  }
}
