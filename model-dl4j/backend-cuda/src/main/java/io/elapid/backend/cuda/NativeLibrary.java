package io.elapid.backend.cuda;

import io.elapid.kernel.AcceleratorUnavailableException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.List;
import jdk.incubator.foreign.CLinker;
import jdk.incubator.foreign.FunctionDescriptor;
import jdk.incubator.foreign.MemoryAddress;
import jdk.incubator.foreign.MemoryLayout;
import jdk.incubator.foreign.MemorySegment;
import jdk.incubator.foreign.ResourceScope;

/**
 * A shared library that is looked for at run time, and its functions.
 *
 * <p>Through the JDK's foreign linker: nothing has to be built or shipped for it, and a machine
 * without the library, or with another version of it, costs a message and not a failure to load.
 * Pointers are passed as {@code long}, which the platforms of the CUDA driver pass alike.
 */
final class NativeLibrary {
  private static final int RTLD_NOW = 2;
  private static final String FLAGS =
      "start Java with --add-modules=jdk.incubator.foreign --enable-native-access=ALL-UNNAMED";

  /** Bytes of the only struct that is passed by value: the name of a group of NCCL. */
  static final int STRUCT_BYTES = 128;

  private final String name;
  private final long handle;
  private final MethodHandle lookup;

  private NativeLibrary(String name, long handle, MethodHandle lookup) {
    this.name = name;
    this.handle = handle;
    this.lookup = lookup;
  }

  /**
   * Opens the library of that file name or path.
   *
   * @throws AcceleratorUnavailableException when the system does not find it, or Java may not look
   */
  static NativeLibrary open(String name) throws AcceleratorUnavailableException {
    if (ModuleLayer.boot().findModule("jdk.incubator.foreign").isEmpty()) {
      throw new AcceleratorUnavailableException(FLAGS);
    }
    try {
      MethodHandle open = function(system("dlopen"), "LI", long.class);
      MethodHandle reason = function(system("dlerror"), "", long.class);
      long handle;
      try (ResourceScope scope = ResourceScope.newConfinedScope()) {
        long text = CLinker.toCString(name, scope).address().toRawLongValue();
        handle = (long) open.invokeExact(text, RTLD_NOW);
      }
      if (handle == 0) {
        long why = (long) reason.invokeExact();
        throw new AcceleratorUnavailableException("cannot load " + (why == 0 ? name : string(why)));
      }
      return new NativeLibrary(name, handle, function(system("dlsym"), "LL", long.class));
    } catch (IllegalCallerException e) {
      throw new AcceleratorUnavailableException(FLAGS, e);
    } catch (AcceleratorUnavailableException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /** The zero-terminated text at an address. */
  static String string(long address) {
    return CLinker.toJavaString(MemoryAddress.ofLong(address));
  }

  private static MemoryAddress system(String name) {
    return CLinker.systemLookup().lookup(name).orElseThrow();
  }

  /**
   * A function that returns an int, for {@link #call}.
   *
   * @param parameters a letter for each: I int, L long or pointer, S a {@link MemorySegment} of
   *     {@link #STRUCT_BYTES}, a struct by value
   * @throws AcceleratorUnavailableException when the library has no such function: it is too old
   */
  MethodHandle function(String function, String parameters) throws AcceleratorUnavailableException {
    return spread(function(find(function), parameters, int.class));
  }

  /** A function that returns a pointer; see {@link #function(String, String)}. */
  MethodHandle pointer(String function, String parameters) throws AcceleratorUnavailableException {
    return spread(function(find(function), parameters, long.class));
  }

  private MemoryAddress find(String function) throws AcceleratorUnavailableException {
    long address;
    try (ResourceScope scope = ResourceScope.newConfinedScope()) {
      long text = CLinker.toCString(function, scope).address().toRawLongValue();
      address = (long) lookup.invokeExact(handle, text);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
    if (address == 0) {
      throw new AcceleratorUnavailableException(name + " has no " + function + ": it is too old");
    }
    return MemoryAddress.ofLong(address);
  }

  /** Calls such a function. */
  static Object call(MethodHandle function, Object... arguments) {
    try {
      return (Object) function.invokeExact(arguments);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /** Made once: {@code invokeWithArguments} would do it at every call, which costs microseconds. */
  private static MethodHandle spread(MethodHandle function) {
    return function
        .asSpreader(Object[].class, function.type().parameterCount())
        .asType(MethodType.methodType(Object.class, Object[].class));
  }

  private static MethodHandle function(MemoryAddress at, String parameters, Class<?> result) {
    List<Class<?>> types = new ArrayList<>();
    List<MemoryLayout> layouts = new ArrayList<>();
    for (int i = 0; i < parameters.length(); i++) {
      switch (parameters.charAt(i)) {
        case 'I' -> {
          types.add(int.class);
          layouts.add(CLinker.C_INT);
        }
        case 'S' -> {
          types.add(MemorySegment.class);
          layouts.add(
              MemoryLayout.structLayout(MemoryLayout.sequenceLayout(STRUCT_BYTES, CLinker.C_CHAR)));
        }
        default -> {
          types.add(long.class);
          layouts.add(CLinker.C_LONG_LONG);
        }
      }
    }
    return CLinker.getInstance()
        .downcallHandle(
            at,
            MethodType.methodType(result, types),
            FunctionDescriptor.of(
                result == int.class ? CLinker.C_INT : CLinker.C_LONG_LONG,
                layouts.toArray(MemoryLayout[]::new)));
  }
}
