package io.elapid.worker;

import io.elapid.data.InputException;
import io.elapid.data.source.ClassLabel;
import io.elapid.task.evaluation.CocoResultsWriter;
import io.elapid.task.evaluation.IouType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Where one share of an evaluation leaves what was found, in the forms that benchmarks take.
 *
 * @param classes of the data set, by index
 */
record ShareResults(Folder folder, List<ClassLabel> classes, int share) {
  private static final String SHARES = "_shares";

  /** Where the shares of an evaluation leave it. */
  record Folder(Configuration hadoop, Path path) {
    /** The file of all objects: {@code results.bbox.json} or {@code results.segm.json}. */
    private Path objects(IouType type) {
      return new Path(path, "results." + name(type) + ".json");
    }

    private Path objects(IouType type, int share) {
      return new Path(
          new Path(path, SHARES), String.format(Locale.ROOT, "%s-%05d.json", name(type), share));
    }

    /** Makes the files of all objects of those that shares left. */
    void join(List<IouType> types, int shares) throws IOException {
      for (IouType type : types) {
        List<Path> parts = new ArrayList<>();
        for (int share = 0; share < shares; share++) {
          parts.add(objects(type, share));
        }
        CocoResultsWriter.join(hadoop, parts, objects(type));
      }
      path.getFileSystem(hadoop).delete(new Path(path, SHARES), true);
    }

    private static String name(IouType type) {
      return type.name().toLowerCase(Locale.ROOT);
    }
  }

  /** The file of this share's objects. */
  Path objects(IouType type) {
    return folder.objects(type, share);
  }

  /**
   * The data set's own numbers of the classes.
   *
   * @throws InputException if they are no numbers
   */
  List<Integer> categoryIds() {
    List<Integer> ids = new ArrayList<>();
    for (ClassLabel label : classes) {
      try {
        ids.add(Integer.valueOf(label.id()));
      } catch (NumberFormatException e) {
        throw new InputException(
            "class %s has the id \"%s\", and results of objects name classes by number"
                .formatted(label.name(), label.id()),
            "evaluate on a data set that was prepared as coco, or without --results",
            e);
      }
    }
    return ids;
  }
}
