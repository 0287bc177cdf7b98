package io.elapid.checkpoint;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.elapid.data.InputException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsTest {
  private static final String TWO =
      """
      {"__metadata__":{"format":"pt"},\
      "b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},\
      "a":{"dtype":"I64","shape":[],"data_offsets":[8,16]}}""";

  @Test
  void readsAFileWrittenByHand() throws IOException {
    byte[] data = buffer(16).putFloat(1.5f).putFloat(-2f).putLong(42).array();
    TensorFile file = Safetensors.read("hand", file(TWO, data));
    assertThat(file.metadata()).containsExactly(Map.entry("format", "pt"));
    assertThat(file.tensors().keySet()).containsExactly("b", "a");
    NamedTensor b = file.tensors().get("b");
    assertThat(b.shape()).containsExactly(2);
    assertThat(b.data().isDirect()).isTrue();
    assertThat(b.floats().get(1)).isEqualTo(-2f);
    assertThat(file.tensors().get("a").longs().get(0)).isEqualTo(42);
    assertThat(file.tensors().get("a").shape()).isEmpty();
  }

  @Test
  void writesExactlyTheDocumentedBytes() throws IOException {
    byte[] written = written(Map.of("k", "v"), NamedTensor.floats("x", new long[] {2, 1}, 1f, 2f));
    String header =
        """
        {"__metadata__":{"k":"v"},"x":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}}""";
    String padded = header + " ".repeat(Math.floorMod(-(header.length() + 8), 8));
    assertThat(written).isEqualTo(file(padded, buffer(8).putFloat(1f).putFloat(2f).array()));
  }

  @Test
  void everyTensorIsAlignedToItsType() throws IOException {
    byte[] written =
        written(
            Map.of(),
            NamedTensor.floats("odd", new long[] {3}, 1f, 2f, 3f),
            new NamedTensor("byte", DType.U8, new long[] {1}, ByteBuffer.allocate(1)),
            NamedTensor.scalar("step", 5));
    int header = (int) ByteBuffer.wrap(written).order(ByteOrder.LITTLE_ENDIAN).getLong();
    assertThat((header + 8) % 8).isZero();
    assertThat(Safetensors.read("w", written).tensors().keySet())
        .containsExactly("step", "odd", "byte");
  }

  @Test
  void whatIsWrittenIsReadBack() throws IOException {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("classes", "[\"caf\u00e9 \\\" \u86c7\"]");
    NamedTensor big = new NamedTensor("big", DType.F32, new long[] {300, 1000}, counting(300_000));
    NamedTensor empty = NamedTensor.floats("empty", new long[] {0, 7});
    TensorFile file = Safetensors.read("again", written(metadata, big, empty));
    assertThat(file.metadata()).isEqualTo(metadata);
    assertThat(file.tensors().get("big").data()).isEqualTo(big.data());
    assertThat(file.tensors().get("empty").shape()).containsExactly(0, 7);
  }

  @Test
  void halfPrecisionWeightsWiden() {
    ByteBuffer half = buffer(10);
    for (int bits : new int[] {0x3c00, 0xc000, 0x0001, 0x7bff, 0xfc00}) {
      half.putShort((short) bits);
    }
    NamedTensor tensor = new NamedTensor("h", DType.F16, new long[] {5}, half.flip());
    assertThat(values(tensor.toFloats()))
        .containsExactly(1f, -2f, 0x1p-24f, 65504f, Float.NEGATIVE_INFINITY);
    ByteBuffer brain = buffer(2).putShort((short) 0xbfc0).flip();
    assertThat(values(new NamedTensor("b", DType.BF16, new long[0], brain).toFloats()))
        .containsExactly(-1.5f);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}} | of type F32 and shape [2] has 4 bytes",
        "{\"x\":{\"dtype\":\"F99\",\"shape\":[1],\"data_offsets\":[0,4]}} | unknown dtype \"F99\"",
        "{\"x\":{\"shape\":[1],\"data_offsets\":[0,4]}} | unknown dtype",
        "{\"x\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}} | has no shape",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}} | has shape [-1]",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,4]}} | has shape [1.5]",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4]}} | has data_offsets [4]",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}} | has data_offsets [4, 0]",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}} | leaves a gap",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[9],\"data_offsets\":[0,36]}} | ends at byte 36 of 8",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,0]}} | has 0 bytes",
        "{\"x\":{\"dtype\":\"U8\",\"shape\":[3000000000],\"data_offsets\":[0,3000000000]}} | larger than 2 GiB",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}} | has 4 bytes after the last tensor",
        "{\"x\":{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[0,8]},\"x\":{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[0,8]}} | Duplicate field 'x'",
        "{\"x\":{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[0,8]},\"y\":{\"dtype\":\"U8\",\"shape\":[6],\"data_offsets\":[2,8]}} | lists tensor y, which overlaps",
        "{\"__metadata__\":{\"n\":1}} | metadata that is not text: n",
        "[] | not a JSON object",
        "{} {} | not JSON",
        "{\"x | not JSON",
        "{\"x\":1} | unknown dtype",
      })
  void aDishonestHeaderIsRefused(String header, String problem) {
    assertThatThrownBy(() -> Safetensors.read("weights.safetensors", file(header, new byte[8])))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("weights.safetensors")
        .hasMessageContaining(problem);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 100_000_001, Long.MAX_VALUE, Long.MIN_VALUE, -1, 5_000})
  void aHeaderLengthThatCannotBeIsRefused(long length) {
    byte[] file = file(TWO, new byte[16]);
    ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
    assertThatThrownBy(() -> Safetensors.read("w", file)).isInstanceOf(InputException.class);
  }

  @Test
  void aFileCutAnywhereIsRefused() {
    byte[] file = file(TWO, new byte[16]);
    for (int length = 0; length < file.length; length++) {
      byte[] cut = Arrays.copyOf(file, length);
      assertThatThrownBy(() -> Safetensors.read("cut", cut))
          .as("%d bytes", length)
          .isInstanceOf(InputException.class)
          .hasMessageContaining("cut");
    }
  }

  @Test
  void aStreamShorterThanItsFileSaysWhichTensor() {
    byte[] file = file(TWO, new byte[16]);
    byte[] cut = Arrays.copyOf(file, file.length - 3);
    assertThatThrownBy(
            () -> Safetensors.read("s", new java.io.ByteArrayInputStream(cut), file.length))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("ends inside tensor a");
  }

  @Test
  void namesAreWrittenOnlyOnce() {
    NamedTensor tensor = NamedTensor.scalar("n", 1);
    assertThatThrownBy(() -> written(Map.of(), tensor, tensor))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("used twice");
  }

  @Test
  void aTensorMustHaveTheBytesItsShapeNeeds() {
    assertThatThrownBy(() -> NamedTensor.floats("x", new long[] {3}, 1f))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("x of type F32 and shape [3] cannot have 4 bytes");
    assertThatThrownBy(() -> NamedTensor.scalar("s", 1).floats())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("s is I64, not F32");
  }

  private static byte[] file(String header, byte[] data) {
    byte[] json = header.getBytes(UTF_8);
    return buffer(8 + json.length + data.length).putLong(json.length).put(json).put(data).array();
  }

  private static byte[] written(Map<String, String> metadata, NamedTensor... tensors)
      throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Safetensors.write(out, metadata, List.of(tensors));
    return out.toByteArray();
  }

  private static ByteBuffer counting(int length) {
    ByteBuffer data = buffer(length * Float.BYTES);
    for (int i = 0; i < length; i++) {
      data.putFloat(i);
    }
    return data.flip();
  }

  private static float[] values(NamedTensor tensor) {
    float[] values = new float[tensor.elements()];
    tensor.floats().get(values);
    return values;
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
