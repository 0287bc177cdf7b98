package io.elapid.backend.cuda;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Makes the PTX of the .cu files by NVRTC, as {@code src/main/scripts/ptx} runs it: library, folder
 * of sources, folder of PTX.
 */
final class PtxCompiler {
  private static final String TARGET = "--gpu-architecture=compute_60";
  private static final String LANGUAGE = "--std=c++14";

  private final NativeLibrary library;
  private final NativeMemory result = NativeMemory.zeros(Long.BYTES);

  private PtxCompiler(NativeLibrary library) {
    this.library = library;
  }

  public static void main(String[] args) throws Exception {
    PtxCompiler compiler = new PtxCompiler(NativeLibrary.open(args[0]));
    for (KernelSource source : KernelSource.all(Path.of(args[1]))) {
      Path file = Path.of(args[2], source.name() + ".ptx");
      String ptx = source.mark() + "\n" + compiler.compile(source);
      Files.writeString(file, ptx, StandardCharsets.US_ASCII);
      System.out.println(file);
    }
  }

  private int call(String function, String parameters, Object... arguments) throws Exception {
    return (int) NativeLibrary.call(library.function(function, parameters), arguments);
  }

  private String compile(KernelSource source) throws Exception {
    NativeMemory text = NativeMemory.string(source.text());
    NativeMemory name = NativeMemory.string(source.name() + ".cu");
    int created =
        call(
            "nvrtcCreateProgram",
            "LLLILL",
            result.address(),
            text.address(),
            name.address(),
            0,
            0L,
            0L);
    if (created != 0) {
      throw new IOException("nvrtcCreateProgram: " + created);
    }
    long program = result.bytes().getLong(0);
    NativeMemory target = NativeMemory.string(TARGET);
    NativeMemory language = NativeMemory.string(LANGUAGE);
    NativeMemory options = NativeMemory.zeros(2 * Long.BYTES);
    options.bytes().putLong(0, target.address()).putLong(Long.BYTES, language.address());
    int compiled = call("nvrtcCompileProgram", "LIL", program, 2, options.address());
    if (compiled != 0) {
      throw new IOException(source.name() + ".cu:\n" + text(program, "ProgramLog"));
    }
    String ptx = text(program, "PTX");
    java.lang.ref.Reference.reachabilityFence(text);
    java.lang.ref.Reference.reachabilityFence(target);
    java.lang.ref.Reference.reachabilityFence(language);
    return ptx;
  }

  /** A text that a program has, without the zero at its end. */
  private String text(long program, String kind) throws Exception {
    call("nvrtcGet" + kind + "Size", "LL", program, result.address());
    int size = Math.toIntExact(result.bytes().getLong(0));
    NativeMemory text = NativeMemory.zeros(size);
    call("nvrtcGet" + kind, "LL", program, text.address());
    byte[] bytes = new byte[size - 1];
    text.bytes().get(0, bytes);
    return new String(bytes, StandardCharsets.US_ASCII);
  }
}
