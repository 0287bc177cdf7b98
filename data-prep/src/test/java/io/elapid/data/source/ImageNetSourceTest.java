package io.elapid.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.data.InputException;
import io.elapid.data.Prepared;
import io.elapid.data.Samples;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageNetSourceTest {
  private final Configuration conf = new Configuration();

  @TempDir Path temp;

  @Test
  void readsThePublishedArchivesWithoutUnpackingThem() throws Exception {
    ImageNetSource source = open(Samples.RAW);
    assertSamples(source);
    for (SampleRef ref : list(source)) {
      assertThat(ref.path()).endsWith(".tar");
      assertThat(bytes(ref)).isEqualTo(fileOf(ref));
    }
  }

  @Test
  void readsClassFolders() throws Exception {
    assertSamples(open(Samples.FOLDERS));
  }

  @Test
  void passesOverWhatIsNoPictureInAFolder() throws Exception {
    Path root = temp.resolve("folders");
    Samples.copy(Samples.FOLDERS, root);
    Map<String, Integer> expected = ids(open(root));
    Path folder;
    try (Stream<Path> classes = Files.list(root.resolve("train"))) {
      folder = classes.filter(Files::isDirectory).sorted().findFirst().orElseThrow();
    }
    Files.createDirectory(folder.resolve("folder.jpg"));
    Files.writeString(folder.resolve("._x.JPEG"), "of another system");
    Files.writeString(folder.resolve("notes.txt"), "no picture");
    Files.createSymbolicLink(folder.resolve("gone.jpg"), temp.resolve("nowhere.jpg"));
    assertThat(ids(open(root))).isEqualTo(expected);
    Path picture = Files.copy(Path.of("src/test/resources/jpeg/4x4_gray.jpg"), temp.resolve("p"));
    Files.createSymbolicLink(folder.resolve("linked.jpg"), picture);
    assertThat(ids(open(root))).hasSize(expected.size() + 1).containsAllEntriesOf(expected);
  }

  @Test
  void givesTheSameSamplesInEveryLayout() throws Exception {
    assertThat(ids(open(flatVal("LOC_val_solution.csv"))))
        .isEqualTo(ids(open(Samples.FOLDERS)))
        .isEqualTo(ids(open(Samples.RAW)));
  }

  @Test
  void labelsAFlatFolderFromAnyOfTheSideFiles() throws Exception {
    assertSamples(open(flatVal("LOC_val_solution.csv")));
    assertSamples(open(flatVal("val.txt")));
    assertSamples(open(flatVal("val.txt", "train.txt")));
    assertSamples(open(flatVal("val.txt", "train_map.txt")));
    Path devkit = flatVal();
    Files.copy(Samples.RAW.resolve(Devkit.ARCHIVE), devkit.resolve(Devkit.ARCHIVE));
    assertSamples(open(devkit));
  }

  /** Editors and spreadsheets on Windows write one. */
  @Test
  void aByteOrderMarkBeforeASideFileIsPassedOver() throws Exception {
    for (String name : List.of("LOC_val_solution.csv", "val.txt")) {
      Path root = flatVal(name, "synset_words.txt");
      for (String marked : List.of(name, "synset_words.txt")) {
        Path file = root.resolve("meta").resolve(marked);
        Files.writeString(file, "\ufeff" + Files.readString(file));
      }
      ImageNetSource source = open(root);
      assertSamples(source);
      assertThat(source.classes().get(0).name()).isNotEqualTo(source.classes().get(0).id());
    }
  }

  @Test
  void followsTheIndicesOfTheTrainingListNotTheirOrder() throws Exception {
    Path root = flatVal();
    Files.createDirectories(root.resolve("meta"));
    // Class index 5 - i for what sorts at i, in both lists.
    for (String name : List.of("train.txt", "val.txt")) {
      StringBuilder reversed = new StringBuilder();
      for (String line : Files.readAllLines(Samples.META.resolve(name))) {
        int cut = line.lastIndexOf(' ');
        reversed
            .append(line, 0, cut + 1)
            .append(5 - Integer.parseInt(line.substring(cut + 1)))
            .append('\n');
      }
      Files.writeString(root.resolve("meta").resolve(name), reversed);
    }
    assertSamples(open(root));
  }

  @Test
  void takesClassesOfTheTrainingListFromItsFolders() throws Exception {
    Path root = temp.resolve("named");
    StringBuilder list = new StringBuilder();
    for (String name : List.of("fox_arctic", "fox_red")) {
      Path folder = Files.createDirectories(root.resolve("train").resolve(name));
      Files.createFile(folder.resolve(name + "_1.jpg"));
      list.append("train/%s/%s_1.jpg %d%n".formatted(name, name, name.equals("fox_red") ? 0 : 1));
    }
    Files.createFile(Files.createDirectories(root.resolve("val")).resolve("some.jpg"));
    Files.writeString(root.resolve("train.txt"), list);
    Files.writeString(root.resolve("val.txt"), "some.jpg 0");
    assertThat(ids(open(root)))
        .containsEntry("train/fox_arctic/fox_arctic_1.jpg", 0)
        .containsEntry("val/fox_red/some.jpg", 1);
  }

  @Test
  void picturesOfOneNameInAnArchivesFoldersAreDifferentOnes() throws Exception {
    Path root = temp.resolve("tars");
    Path archive = Files.createDirectories(root.resolve("train")).resolve("n1.tar");
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(Files.newOutputStream(archive))) {
      for (String name : List.of("./day/1.jpg", "./night/1.jpg", "./night/2.jpg", "./day/1.jpg")) {
        tar.putArchiveEntry(new TarArchiveEntry(name));
        tar.closeArchiveEntry();
      }
    }
    Files.createFile(Files.createDirectories(root.resolve("val/n1")).resolve("1.jpg"));
    assertThat(list(open(root)))
        .extracting(SampleRef::id)
        .containsExactlyInAnyOrder(
            "train/n1/1.jpg",
            "train/n1/night/1.jpg",
            "train/n1/2.jpg",
            "train/n1/1.jpg",
            "val/n1/1.jpg");
  }

  @Test
  void readsKagglesTreeFromAnyFolderOnTheWay() throws Exception {
    Path tree = temp.resolve("kaggle");
    Path pictures = tree.resolve("ILSVRC/Data/CLS-LOC");
    Samples.copy(Samples.FOLDERS.resolve("train"), pictures.resolve("train"));
    flatten(pictures.resolve("val"));
    for (String name : List.of("LOC_val_solution.csv", "LOC_synset_mapping.txt")) {
      Files.copy(Samples.META.resolve(name), tree.resolve(name));
    }
    for (String below : List.of("", "ILSVRC", "ILSVRC/Data")) {
      if (below.isEmpty()) {
        ImageNetSource source = open(tree);
        assertSamples(source);
        assertThat(source.classes().get(3).name()).isEqualTo("ball, disc");
      } else {
        Files.copy(
            Samples.META.resolve("LOC_val_solution.csv"),
            tree.resolve(below + "/LOC_val_solution.csv"));
        assertSamples(open(tree.resolve(below)));
      }
    }
  }

  @Test
  void readsAFolderOfClassArchives() throws Exception {
    Path root = temp.resolve("archives");
    Files.createDirectories(root.resolve("train"));
    ImageNetSource raw = open(Samples.RAW);
    for (ListingUnit unit : raw.units()) {
      if (unit.split().equals("train")) {
        byte[] outer = Files.readAllBytes(Samples.RAW.resolve(ImageNetLayout.TRAIN_ARCHIVE));
        byte[] inner =
            Arrays.copyOfRange(outer, (int) unit.offset(), (int) (unit.offset() + unit.length()));
        String wnid = raw.classes().get(unit.label()).id();
        Files.write(root.resolve("train/" + wnid + ".tar"), inner);
      }
    }
    Samples.copy(Samples.FOLDERS.resolve("val"), root.resolve("val"));
    assertThat(ids(open(root))).isEqualTo(ids(raw));
  }

  @Test
  void namesClassesByTheWordsThatLieAround() throws Exception {
    assertThat(open(Samples.RAW).classes().get(2).name()).isEqualTo("plus sign, cross");
    assertThat(open(Samples.FOLDERS).classes().get(2).name()).isEqualTo("plus sign, cross");
    Path bare = temp.resolve("bare");
    Samples.copy(Samples.FOLDERS, bare);
    assertThat(open(bare).classes().get(2).name()).isEqualTo("n90000233");
    Files.copy(
        Samples.META.resolve("imagenet_class_index.json"),
        bare.resolve("imagenet_class_index.json"));
    assertThat(open(bare).classes().get(2).name()).isEqualTo("plus sign");
  }

  @Test
  void skipsStrayAndHiddenFilesAndFollowsLinks() throws Exception {
    Path root = temp.resolve("links");
    Samples.copy(Samples.FOLDERS.resolve("val"), root.resolve("val"));
    Files.createSymbolicLink(
        root.resolve("train"), Samples.FOLDERS.resolve("train").toAbsolutePath());
    Files.write(root.resolve("val/n90000047/._x.JPEG"), new byte[9]);
    Files.writeString(root.resolve("val/readme.txt"), "stray");
    Files.createDirectories(root.resolve("val/.cache"));
    assertSamples(open(root));
  }

  @Test
  void anEmptyClassStaysAClass() throws Exception {
    Path root = temp.resolve("empty-class");
    Samples.copy(Samples.FOLDERS, root);
    Files.createDirectories(root.resolve("train/n90000100"));
    Files.createDirectories(root.resolve("val/n90000100"));
    ImageNetSource source = open(root);
    assertThat(source.classes()).hasSize(7);
    assertThat(list(source)).hasSize(120);
  }

  @Test
  void listsTheSameAfterATripThroughSerialisation() throws Exception {
    ImageNetSource source = open(Samples.RAW);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(source);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      assertThat(list((ImageNetSource) in.readObject())).isEqualTo(list(source));
    }
  }

  @Test
  void saysWhatWasLookedForAndFound() throws Exception {
    assertRefused(temp.resolve("nowhere"), "there is nothing at");
    Path root = temp.resolve("bad");
    Files.createDirectories(root);
    assertRefused(root, "is empty");
    Files.writeString(root.resolve("notes.txt"), "x");
    assertRefused(root, "looked for train, ILSVRC2012_img_train.tar", "notes.txt");
    assertRefused(root.resolve("notes.txt"), "is a file");
    Files.createDirectories(root.resolve("train"));
    assertRefused(root, "neither val nor ILSVRC2012_img_val.tar");
    Files.createDirectories(root.resolve("val"));
    assertRefused(root, "has no classes");
    Files.createDirectories(root.resolve("train/cat"));
    assertRefused(root, "no labels for them", "LOC_val_solution.csv");
    Files.createDirectories(root.resolve("val/cat"));
    assertRefused(root, "no pictures");
    Files.createDirectories(root.resolve("val/dog"));
    assertRefused(root, "train has 1 class folders and val 2", "only in val: [dog]");
  }

  @Test
  void refusesArchivesThatAreCutShort() throws Exception {
    Path root = temp.resolve("cut");
    Samples.copy(Samples.RAW, root);
    Path train = root.resolve(ImageNetLayout.TRAIN_ARCHIVE);
    try (RandomAccessFile file = new RandomAccessFile(train.toFile(), "rw")) {
      file.setLength(300_000);
    }
    assertRefused(root, "cannot list the archive", "ILSVRC2012_img_train.tar");
    Files.write(train, new byte[] {1, 2, 3});
    assertRefused(root, "ILSVRC2012_img_train.tar");
    Files.writeString(root.resolve(Devkit.ARCHIVE), "not gzip");
    assertRefused(root, "cannot unpack");
  }

  @Test
  void refusesLabelsThatDoNotFitThePictures() throws Exception {
    Path root = flatVal("LOC_val_solution.csv");
    Path csv = root.resolve("meta/LOC_val_solution.csv");
    Files.writeString(csv, "ImageId,PredictionString\nILSVRC2012_val_00000001,n90000047 1 1 2 2\n");
    assertRefused(root, "no label for the validation picture ILSVRC2012_val_00000002.JPEG");
    Files.writeString(csv, "ImageId,PredictionString\nILSVRC2012_val_00000001\n");
    assertRefused(root, "line 2 is not of the form");
    Files.writeString(csv, "ILSVRC2012_val_00000001,n12345678 1 1 2 2\n");
    assertRefused(root, "class n12345678");
    Files.delete(csv);
    Files.writeString(root.resolve("meta/val.txt"), "ILSVRC2012_val_00000001.JPEG 17\n");
    assertRefused(root, "class 17");

    Path fewer = flatVal();
    Files.copy(Samples.RAW.resolve(Devkit.ARCHIVE), fewer.resolve(Devkit.ARCHIVE));
    Files.delete(fewer.resolve("val/ILSVRC2012_val_00000024.JPEG"));
    assertRefused(fewer, "23 validation pictures", "24 labels");
  }

  private void assertRefused(Path in, String... parts) {
    assertThatThrownBy(() -> open(in))
        .isInstanceOf(InputException.class)
        .message()
        .contains(parts)
        .doesNotContain("\n");
  }

  private ImageNetSource open(Path in) throws IOException {
    return ImageNetSource.open(conf, Samples.hadoop(in));
  }

  private List<SampleRef> list(DataSource source) throws IOException {
    List<SampleRef> refs = new ArrayList<>();
    for (ListingUnit unit : source.units()) {
      refs.addAll(Prepared.pictures(source, unit));
    }
    return refs;
  }

  private Map<String, Integer> ids(DataSource source) throws IOException {
    Map<String, Integer> labels = new TreeMap<>();
    for (SampleRef ref : list(source)) {
      assertThat(labels.put(ref.id(), label(ref))).as("ids are unique").isNull();
    }
    return labels;
  }

  /** Classes, counts and every label as the makers of the samples tell them. */
  private void assertSamples(ImageNetSource source) throws IOException {
    JsonNode expected = Samples.expected();
    List<String> wnids = new ArrayList<>();
    expected.get("classes_sorted_wnid").forEach(w -> wnids.add(w.asText()));
    assertThat(source.classes()).extracting(ClassLabel::id).isEqualTo(wnids);
    assertThat(source.classes()).extracting(ClassLabel::index).containsExactly(0, 1, 2, 3, 4, 5);

    Map<String, Integer> trainCounts = new HashMap<>();
    Map<String, Integer> valLabels = new HashMap<>();
    for (SampleRef ref : list(source)) {
      String name = FileNames.base(ref.id());
      if (ref.split().equals("train")) {
        assertThat(name).startsWith(wnids.get(label(ref)) + "_");
        trainCounts.merge(wnids.get(label(ref)), 1, Integer::sum);
      } else {
        valLabels.put(name, label(ref));
      }
    }
    expected
        .get("train_counts")
        .properties()
        .forEach(e -> assertThat(trainCounts).containsEntry(e.getKey(), e.getValue().asInt()));
    Map<String, Integer> expectedVal = new HashMap<>();
    expected
        .get("val_labels")
        .properties()
        .forEach(e -> expectedVal.put(e.getKey(), e.getValue().asInt()));
    assertThat(valLabels).isEqualTo(expectedVal);
  }

  private static int label(SampleRef ref) {
    return ((TargetRef.OfClass) ref.target()).label();
  }

  private Path flatVal(String... meta) throws IOException {
    Path root = temp.resolve("flat" + System.nanoTime()).resolve("data");
    Samples.copy(Samples.FOLDERS.resolve("train"), root.resolve("train"));
    flatten(root.resolve("val"));
    for (String name : meta) {
      Files.createDirectories(root.resolve("meta"));
      Files.copy(Samples.META.resolve(name), root.resolve("meta").resolve(name));
    }
    return root;
  }

  private static void flatten(Path val) throws IOException {
    Files.createDirectories(val);
    for (String wnid : Samples.names(Samples.FOLDERS.resolve("val"))) {
      for (String name : Samples.names(Samples.FOLDERS.resolve("val/" + wnid))) {
        Files.copy(Samples.FOLDERS.resolve("val/" + wnid + "/" + name), val.resolve(name));
      }
    }
  }

  private static byte[] bytes(SampleRef ref) throws IOException {
    byte[] all = Files.readAllBytes(Path.of(java.net.URI.create(ref.path())));
    return Arrays.copyOfRange(all, (int) ref.offset(), (int) (ref.offset() + ref.length()));
  }

  private static byte[] fileOf(SampleRef ref) throws IOException {
    return Files.readAllBytes(Samples.FOLDERS.resolve(ref.id()));
  }
}
