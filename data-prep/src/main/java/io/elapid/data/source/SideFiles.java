package io.elapid.data.source;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.elapid.data.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The small files that travel beside ImageNet and say what its folders do not: labels of a flat
 * validation folder, words of the classes. Looked for in the folders where they are usually kept.
 */
final class SideFiles {
  static final String KAGGLE_LABELS = "LOC_val_solution.csv";
  static final String INDEX_LABELS = "val.txt";

  private static final List<String> TRAIN_LISTS = List.of("train.txt", "train_map.txt");
  private static final List<String> WORDS = List.of("LOC_synset_mapping.txt", "synset_words.txt");
  private static final String WORDS_JSON = "imagenet_class_index.json";
  private static final List<String> SUBFOLDERS =
      List.of("", "meta", "devkit", "devkit/data", "ILSVRC2012_devkit_t12/data");
  private static final int MAX_BYTES = 256 << 20;
  private static final String BYTE_ORDER_MARK = "\ufeff";
  private static final String REMEDY = "correct the file, or take it away if it is not needed";

  private final FileSystem fs;
  private final List<Path> folders = new ArrayList<>();

  SideFiles(Configuration conf, List<Path> places) throws IOException {
    this.fs = places.get(0).getFileSystem(conf);
    for (Path place : places) {
      for (String sub : SUBFOLDERS) {
        Path folder = sub.isEmpty() ? place : new Path(place, sub);
        if (fs.exists(folder)) {
          folders.add(folder);
        }
      }
    }
  }

  /** For a message: where was looked. */
  List<Path> folders() {
    return folders;
  }

  Optional<Devkit> devkit() throws IOException {
    Optional<Path> archive = find(Devkit.ARCHIVE);
    if (archive.isPresent()) {
      return Optional.of(Devkit.ofArchive(bytes(archive.get()), archive.get().toString()));
    }
    Optional<Path> meta = find(Devkit.META);
    Optional<Path> truth = find(Devkit.TRUTH);
    if (meta.isPresent() && truth.isPresent()) {
      byte[] truthBytes = bytes(truth.get());
      return Optional.of(Devkit.of(bytes(meta.get()), truthBytes, meta.get().toString()));
    }
    return Optional.empty();
  }

  /** Kaggle's table: "id,wnid x y x y wnid x ...". Picture name without extension to WordNet id. */
  Optional<Map<String, String>> kaggleLabels() throws IOException {
    Optional<Path> file = find(KAGGLE_LABELS);
    if (file.isEmpty()) {
      return Optional.empty();
    }
    Map<String, String> labels = new HashMap<>();
    List<String> lines = lines(file.get());
    for (int i = 0; i < lines.size(); i++) {
      String[] cells = lines.get(i).split(",", 2);
      if (cells.length != 2 || cells[1].isBlank()) {
        throw malformed(file.get(), i, "id,class x y x y");
      }
      if (!cells[0].equals("ImageId")) {
        labels.put(FileNames.stem(cells[0].strip()), cells[1].strip().split("\\s+", 2)[0]);
      }
    }
    return Optional.of(labels);
  }

  /** Lines "name index": picture name without extension to class index. */
  Optional<Map<String, Integer>> indexLabels() throws IOException {
    Optional<Path> file = find(INDEX_LABELS);
    if (file.isEmpty()) {
      return Optional.empty();
    }
    Map<String, Integer> labels = new HashMap<>();
    indexed(file.get(), (path, index) -> labels.put(FileNames.stem(path), index));
    return Optional.of(labels);
  }

  /**
   * Class index to WordNet id as the lists of training pictures use it, if there are any: the
   * picture's folder where that is a class, else what its name begins with.
   *
   * @param known WordNet ids of the training pictures
   */
  Optional<Map<Integer, String>> classOfIndex(Set<String> known) throws IOException {
    for (String name : TRAIN_LISTS) {
      Optional<Path> file = find(name);
      if (file.isPresent()) {
        Map<Integer, String> classes = new HashMap<>();
        indexed(
            file.get(),
            (path, index) -> {
              String base = FileNames.base(path);
              String folder =
                  FileNames.base(path.substring(0, Math.max(0, path.length() - base.length() - 1)));
              int cut = base.indexOf('_');
              if (known.contains(folder)) {
                classes.putIfAbsent(index, folder);
              } else if (cut > 0) {
                classes.putIfAbsent(index, base.substring(0, cut));
              }
            });
        return Optional.of(classes);
      }
    }
    return Optional.empty();
  }

  /** WordNet id to words, from the first file that has any. */
  Map<String, String> words() throws IOException {
    Map<String, String> words = new HashMap<>();
    for (String name : WORDS) {
      Optional<Path> file = find(name);
      if (file.isPresent()) {
        List<String> lines = lines(file.get());
        for (int i = 0; i < lines.size(); i++) {
          String[] cells = lines.get(i).split("\\s+", 2);
          if (cells.length != 2) {
            throw malformed(file.get(), i, "class words");
          }
          words.putIfAbsent(cells[0], cells[1].strip());
        }
        return words;
      }
    }
    Optional<Path> json = find(WORDS_JSON);
    if (json.isPresent()) {
      readJson(json.get(), words);
    }
    return words;
  }

  private void readJson(Path file, Map<String, String> words) throws IOException {
    try {
      for (JsonNode entry : new ObjectMapper().readTree(bytes(file))) {
        words.put(entry.path(0).asText(), entry.path(1).asText().replace('_', ' '));
      }
    } catch (JsonProcessingException e) {
      throw new InputException(file + " is not JSON: " + e.getOriginalMessage(), REMEDY, e);
    }
  }

  private interface Indexed {
    void accept(String path, int index);
  }

  private void indexed(Path file, Indexed out) throws IOException {
    List<String> lines = lines(file);
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      int cut = Math.max(line.lastIndexOf(' '), line.lastIndexOf('\t'));
      try {
        out.accept(
            line.substring(0, Math.max(0, cut)).strip(), Integer.parseInt(line.substring(cut + 1)));
      } catch (NumberFormatException e) {
        throw malformed(file, i, "name index");
      }
    }
  }

  private static InputException malformed(Path file, int line, String expected) {
    return new InputException(
        file + ", line " + (line + 1) + " is not of the form \"" + expected + "\"", REMEDY);
  }

  private List<String> lines(Path file) throws IOException {
    String text = new String(bytes(file), StandardCharsets.UTF_8);
    int from = text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length() : 0;
    return text.substring(from).lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
  }

  private byte[] bytes(Path file) throws IOException {
    try (InputStream in = fs.open(file)) {
      return in.readNBytes(MAX_BYTES);
    }
  }

  private Optional<Path> find(String name) throws IOException {
    for (Path folder : folders) {
      Path file = new Path(folder, name);
      if (fs.exists(file) && fs.getFileStatus(file).isFile()) {
        return Optional.of(file);
      }
    }
    return Optional.empty();
  }
}
