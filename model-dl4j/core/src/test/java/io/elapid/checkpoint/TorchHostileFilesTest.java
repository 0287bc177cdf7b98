package io.elapid.checkpoint;

import static io.elapid.checkpoint.ModelWeights.Variant.MODEL;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.elapid.data.InputException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a file does, it is read as data or refused in one line. */
class TorchHostileFilesTest {
  private static final String TENSOR = "ctorch._utils\n_rebuild_tensor_v2\n";
  private static final String STORAGE =
      "(X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0000X\3\0\0\0cpu";

  @ParameterizedTest
  @CsvSource({
    "evil-system.pth, posix.system",
    "evil-legacy.pth, posix.system",
    "evil-eval.pth, builtins.eval",
    "whole-module.pth, torch.nn.modules.linear.Linear"
  })
  void codeIsRefusedByItsName(String file, String global) {
    assertThatThrownBy(() -> TorchFiles.read(file, MODEL))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("names %s, which is not plain data", global)
        .extracting(e -> ((InputException) e).remedy())
        .asString()
        .contains("save only model.state_dict()");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "builtins\ngetattr",
        "os\nsystem",
        "torch.storage\n_load_from_bytes",
        "torch\nload",
        "numpy\nload",
        "collections.OrderedDict\n__init__",
        "torch._utils\n_rebuild_qtensor",
        "\u001b[31m\nred"
      })
  void namesOutsideTheListAreRefusedWhereverTheyStand(String global) {
    refused("\u0080\2}(X\1\0\0\0ac" + global + "\nu.")
        .hasMessageContaining(global.replace('\n', '.').replace('\u001b', '?'));
  }

  @Test
  void tensorsMustLieInTheirStorage() {
    tensor("K\4", "K\0", "K\3\u0085", "K\2\u0085").hasMessageContaining("outside its storage");
    tensor("K\4", "K\2", "K\3\u0085", "K\1\u0085").hasMessageContaining("outside its storage");
    tensor("K\4", "J\u00ff\u00ff\u00ff\u00ff", "K\1\u0085", "K\1\u0085")
        .hasMessageContaining("outside its storage");
    tensor("K\4", "K\0", "K\2\u0085", "J\u00ff\u00ff\u00ff\u00ff\u0085")
        .hasMessageContaining("outside its storage");
    tensor("K\4", "K\0", "K\2K\2\u0086", "K\1\u0085").hasMessageContaining("rank 2 with 1 strides");
    String huge = "\u008a\10\0\0\0\0\0\0\0\1";
    tensor("K\4", "K\0", huge + huge + "\u0086", huge + huge + "\u0086")
        .hasMessageContaining("outside its storage");
  }

  @Test
  void storagesMustBeThereAsLongAsTheyAreSaidToBe() {
    tensor("K\5", "K\0", "K\4\u0085", "K\1\u0085").hasMessageContaining("no storage 0 of 20 bytes");
    tensor("J\u00ff\u00ff\u00ff\u007f", "K\0", "K\4\u0085", "K\1\u0085")
        .hasMessageContaining("storage of 2147483647 elements");
    tensor("J\u00ff\u00ff\u00ff\u00ff", "K\0", "K\4\u0085", "K\1\u0085")
        .hasMessageContaining("storage of -1 elements");
  }

  @Test
  void aFewRepeatedElementsDoNotFillTheMemory() {
    tensor("K\4", "K\0", "J\0\0\0\10\u0085", "K\0\u0085")
        .hasMessageContaining("more data than a file of its size can hold");
  }

  @Test
  void aPickleMustBeOne() {
    refused("\u0080\2").hasMessageContaining("ends inside its pickle");
    refused("\u0080\1}.").hasMessageContaining("protocol 1");
    refused("\u0080\2u.").hasMessageContaining("mark");
    refused("\u0080\2R.").hasMessageContaining("takes more");
    refused("\u0080\2(0.").hasMessageContaining("takes more");
    refused("\u0080\2h\1.").hasMessageContaining("does not have");
    refused("\u0080\2]}K\1s.").hasMessageContaining("no dictionary");
    refused("\u0080\2}]K\1s.").hasMessageContaining("as a key");
    refused("\u0080\2K\1)R.").hasMessageContaining("no function");
    refused("\u0080\2X\u00ff\u00ff\u00ff\u00ffa.").hasMessageContaining("longer than its pickle");
    refused("\u0080\2i.").hasMessageContaining("opcode 0x69");
    refused("\u0080\2" + "(".repeat(200_000) + ".").hasMessageContaining("nested too deeply");
    refused("\u0080\2K\1.").hasMessageContaining("holds no weights");
  }

  @Test
  void aNumberOfAnyLengthIsReadButTakesNoMoreThanItsBytes() {
    refused("\u0080\2\u008a\0.").hasMessageContaining("holds no weights");
    refused("\u0080\2\u008b\u00ff\u00ff\u00ff\u007f.").hasMessageContaining("longer than");
  }

  /** Each line doubles what a naive reader would copy or hash. */
  @Test
  void nestedReferencesCostNothing() {
    StringBuilder pickle = new StringBuilder("\u0080\2K\1q\0");
    for (int i = 0; i < 250; i++) {
      pickle.append("h").append((char) i).append("h").append((char) i).append("\u0086q");
      pickle.append((char) (i + 1));
    }
    refused(pickle + "}h\u00faK\1s.").hasMessageContaining("holds no weights");
  }

  @Test
  void aPickleOfSomethingElseIsNoCheckpoint() {
    assertThatThrownBy(() -> TorchFiles.read("plain-pickle.pth", MODEL))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("not one of torch.save");
  }

  @Test
  void zipFilesWithoutAPickleOrWithTwoOfANameAreRefused() throws IOException {
    byte[] without = TorchFiles.zip(Map.of("x/readme", new byte[1]));
    assertThatThrownBy(() -> TorchFiles.read("w", without, MODEL))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("without NAME/data.pkl");
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("x/data.pkl", "\u0080\2}.".getBytes(ISO_8859_1));
    entries.put("y/data.pkl", new byte[1]);
    byte[] twice = TorchFiles.zip(entries);
    replaceAll(twice, (byte) 'y', (byte) 'x');
    assertThatThrownBy(() -> TorchFiles.read("w", twice, MODEL))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("two zip entries of the name x/data.pkl");
  }

  @Test
  void filesOfBigEndianMachinesAreRefused() throws IOException {
    Map<String, byte[]> entries = TorchFiles.unzip(TorchFiles.bytes("windows-deflated.pth"));
    String folder = entries.keySet().iterator().next().split("/", -1)[0];
    entries.put(folder + "/byteorder", "big".getBytes(ISO_8859_1));
    assertThatThrownBy(() -> TorchFiles.read("b", TorchFiles.zip(entries), MODEL))
        .hasMessageContaining("big-endian");
    entries.put(folder + "/byteorder", "little".getBytes(ISO_8859_1));
    assertThat(TorchFiles.read("l", TorchFiles.zip(entries), MODEL).tensors()).hasSize(18);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"windows.pth", "windows-deflated.pth", "windows-legacy.pth", "timm.pth.tar"})
  void everyTruncationIsRefused(String name) throws IOException {
    byte[] file = TorchFiles.bytes(name);
    for (int length = 0; length < file.length; length += 7) {
      byte[] cut = Arrays.copyOf(file, length);
      assertThatThrownBy(() -> TorchFiles.read(name, cut, MODEL))
          .as("first %d bytes", length)
          .isInstanceOf(InputException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"windows.pth", "windows-deflated.pth", "distributed.pth"})
  void aFlippedBitInAStorageOrPickleOfAZipIsNoticed(String name) throws IOException {
    byte[] file = TorchFiles.bytes(name);
    int pickle = new String(file, ISO_8859_1).indexOf("data.pkl") + 100;
    byte[] flipped = file.clone();
    flipped[pickle] ^= 1;
    assertThatThrownBy(() -> TorchFiles.read(name, flipped, MODEL))
        .isInstanceOf(InputException.class)
        .hasMessageFindingMatch("CRC|not compressed data|longer than|ends early");
  }

  /** A thousand damaged files of each kind: read or refused, never another failure. */
  @ParameterizedTest
  @ValueSource(strings = {"windows.pth", "windows-legacy.pth", "timm.pth.tar", "distributed.pth"})
  void damagedFilesEndInARefusalOrAreReadNevertheless(String name) throws IOException {
    byte[] file = TorchFiles.bytes(name);
    Random random = new Random(name.hashCode());
    for (int i = 0; i < 1000; i++) {
      readOrRefuse("%s, variant %d".formatted(name, i), mutated(file, random));
    }
  }

  /** The checksum of a zip file would keep most damage from the unpickler; here it is right. */
  @Test
  void damagedPicklesWithRightChecksumsEndInARefusalOrAreReadNevertheless() throws IOException {
    Map<String, byte[]> entries = TorchFiles.unzip(TorchFiles.bytes("windows-deflated.pth"));
    String pickle =
        entries.keySet().stream().filter(n -> n.endsWith("data.pkl")).findFirst().orElseThrow();
    byte[] original = entries.get(pickle);
    Random random = new Random(5);
    for (int i = 0; i < 2000; i++) {
      entries.put(pickle, mutated(original, random));
      readOrRefuse("pickle variant " + i, TorchFiles.zip(entries));
    }
  }

  private static void readOrRefuse(String what, byte[] file) throws IOException {
    try {
      assertThat(TorchFiles.read(what, file, MODEL).tensors()).as(what).isNotEmpty();
    } catch (InputException e) {
      assertThat(e).as(what).hasMessageStartingWith(what);
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
      throw new AssertionError(what, e);
    }
  }

  private static byte[] mutated(byte[] original, Random random) {
    byte[] file = original.clone();
    for (int change = random.nextInt(4); change >= 0; change--) {
      int at = random.nextInt(file.length);
      switch (random.nextInt(4)) {
        case 0 -> file[at] = (byte) random.nextInt(256);
        case 1 -> file[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> {
          int from = random.nextInt(file.length);
          int count = Math.min(1 + random.nextInt(16), file.length - Math.max(at, from));
          System.arraycopy(file, from, file, at, count);
        }
        default -> {
          if (random.nextInt(8) == 0) {
            file = Arrays.copyOf(file, 1 + random.nextInt(file.length));
          }
        }
      }
    }
    return file;
  }

  private static void replaceAll(byte[] bytes, byte from, byte to) {
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = bytes[i] == from ? to : bytes[i];
    }
  }

  private static AbstractThrowableAssert<?, ? extends Throwable> tensor(
      String elements, String offset, String size, String stride) {
    return refused(
        "\u0080\2}X\1\0\0\0a"
            + TENSOR
            + "("
            + STORAGE
            + elements
            + "tQ"
            + offset
            + size
            + stride
            + "\u0089}tRs.");
  }

  /** A zip file with this pickle and a storage of four floats. */
  private static AbstractThrowableAssert<?, ? extends Throwable> refused(String pickle) {
    ByteArrayOutputStream storage = new ByteArrayOutputStream();
    storage.writeBytes(ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putFloat(1f).array());
    return assertThatThrownBy(
            () ->
                TorchFiles.read(
                    "hostile",
                    TorchFiles.zip(
                        Map.of(
                            "x/data.pkl",
                            pickle.getBytes(ISO_8859_1),
                            "x/data/0",
                            storage.toByteArray())),
                    MODEL))
        .isInstanceOf(InputException.class);
  }
}
