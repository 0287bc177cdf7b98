package io.elapid.data.source;

import io.elapid.data.InputException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import us.hebi.matlab.mat.format.Mat5;
import us.hebi.matlab.mat.types.Sources;
import us.hebi.matlab.mat.types.Struct;

/**
 * What the ILSVRC 2012 development kit knows: the WordNet id behind each ILSVRC id, and the ILSVRC
 * id of each validation picture in turn. ILSVRC ids are in no useful order, and not in that of the
 * WordNet ids.
 *
 * @param wnidOfId leaf classes only; the file also lists their ancestors
 * @param words WordNet id to words
 * @param validationIds ILSVRC id of ILSVRC2012_val_00000001 and so on
 */
record Devkit(
    Map<Integer, String> wnidOfId, Map<String, String> words, List<Integer> validationIds) {

  static final String ARCHIVE = "ILSVRC2012_devkit_t12.tar.gz";
  static final String META = "meta.mat";
  static final String TRUTH = "ILSVRC2012_validation_ground_truth.txt";

  private static final int MAX_MEMBER_BYTES = 64 << 20;
  private static final String REMEDY = "download the development kit again";

  /** Reads {@code data/meta.mat} and the ground truth out of the published archive. */
  static Devkit ofArchive(byte[] archive, String name) {
    byte[] meta = null;
    byte[] truth = null;
    try (InputStream unzipped = new GZIPInputStream(new ByteArrayInputStream(archive));
        TarArchiveInputStream tar = new TarArchiveInputStream(unzipped)) {
      for (TarArchiveEntry e = tar.getNextTarEntry(); e != null; e = tar.getNextTarEntry()) {
        String base = FileNames.base(e.getName());
        if (base.equals(META)) {
          meta = tar.readNBytes(MAX_MEMBER_BYTES);
        } else if (base.equals(TRUTH)) {
          truth = tar.readNBytes(MAX_MEMBER_BYTES);
        }
      }
    } catch (IOException e) {
      throw new InputException("cannot unpack " + name + ": " + e.getMessage(), REMEDY, e);
    }
    if (meta == null || truth == null) {
      throw new InputException(name + " lacks data/" + (meta == null ? META : TRUTH), REMEDY);
    }
    return of(meta, truth, name);
  }

  static Devkit of(byte[] meta, byte[] truth, String name) {
    Map<Integer, String> wnids = new HashMap<>();
    Map<String, String> words = new HashMap<>();
    try {
      Struct synsets = Mat5.newReader(Sources.wrap(meta)).readMat().getStruct("synsets");
      for (int i = 0; i < synsets.getNumElements(); i++) {
        if (synsets.getMatrix("num_children", i).getInt(0) == 0) {
          String wnid = synsets.getChar("WNID", i).getString();
          wnids.put(synsets.getMatrix("ILSVRC2012_ID", i).getInt(0), wnid);
          words.put(wnid, synsets.getChar("words", i).getString());
        }
      }
    } catch (IOException | RuntimeException e) {
      throw new InputException("cannot read " + META + " of " + name + ": " + e, REMEDY, e);
    }
    return new Devkit(wnids, words, ids(truth, name));
  }

  private static List<Integer> ids(byte[] truth, String name) {
    List<Integer> ids = new ArrayList<>();
    for (String line : new String(truth, StandardCharsets.US_ASCII).split("\\R", -1)) {
      if (!line.isBlank()) {
        try {
          ids.add(Integer.valueOf(line.strip()));
        } catch (NumberFormatException e) {
          throw new InputException(
              TRUTH + " of " + name + ", line " + (ids.size() + 1) + " is not a number: " + line,
              REMEDY,
              e);
        }
      }
    }
    return ids;
  }

  /** WordNet id of each validation picture by its name without extension. */
  Map<String, String> validation() {
    Map<String, String> wnids = new HashMap<>();
    for (int i = 0; i < validationIds.size(); i++) {
      String wnid = wnidOfId.get(validationIds.get(i));
      if (wnid == null) {
        throw new InputException(
            TRUTH + ", line " + (i + 1) + ": " + META + " has no class " + validationIds.get(i),
            REMEDY);
      }
      wnids.put("ILSVRC2012_val_%08d".formatted(i + 1), wnid);
    }
    return wnids;
  }
}
