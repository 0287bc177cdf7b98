package io.elapid.backend.cuda;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A .cu file with the text of the headers that it includes: what its PTX is made of. One for each
 * kind of storage where the file is compiled for all of them.
 */
record KernelSource(String name, String text) {
  private static final String INCLUDE = "#include \"";

  /** All .cu files of a folder, by name. */
  static List<KernelSource> all(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> sources = files.filter(f -> f.toString().endsWith(".cu")).sorted().toList();
      List<KernelSource> all = new java.util.ArrayList<>();
      for (Path file : sources) {
        String name = file.getFileName().toString();
        StringBuilder text = new StringBuilder();
        expand(file, text, new HashSet<>());
        name = name.substring(0, name.length() - 3);
        if (StandIn.hasKinds(file)) {
          for (Storage storage : Storage.values()) {
            all.add(new KernelSource(storage.named(name), defines(storage) + text));
          }
        } else {
          all.add(new KernelSource(name, text.toString()));
        }
      }
      return all;
    }
  }

  /** What the headers would set for floats, which need none. */
  private static String defines(Storage storage) {
    StringBuilder lines = new StringBuilder();
    for (String macro : StandIn.macros(storage)) {
      lines.append("#define ").append(macro.replace('=', ' ')).append('\n');
    }
    return lines.toString();
  }

  private static void expand(Path file, StringBuilder to, Set<Path> seen) throws IOException {
    if (!seen.add(file)) {
      return;
    }
    for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
      if (line.startsWith(INCLUDE)) {
        String name = line.substring(INCLUDE.length(), line.length() - 1);
        expand(file.resolveSibling(name), to, seen);
      } else if (!line.equals("#pragma once")) {
        to.append(line).append('\n');
      }
    }
  }

  /** First line of the PTX that belongs to this text. */
  String mark() {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return "// " + name + ".cu, SHA-256 " + HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
