package io.elapid.checkpoint;

import static io.elapid.checkpoint.ModelWeights.Variant.EMA;
import static io.elapid.checkpoint.ModelWeights.Variant.MODEL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.elapid.checkpoint.ModelWeights.Variant;
import io.elapid.data.InputException;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TorchCheckpointTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "windows.pth",
        "windows-legacy.pth",
        "windows-protocol4.pth",
        "windows-deflated.pth"
      })
  void everyWindowOnAStorageBecomesADenseTensor(String file) throws IOException {
    Map<String, NamedTensor> tensors = TorchFiles.read(file, MODEL).tensors();
    float[] all = new float[24];
    float[] transposed = new float[24];
    for (int i = 0; i < 24; i++) {
      all[i] = i;
      transposed[i] = i % 4 * 6 + i / 4;
    }
    expect(tensors.get("dense"), shape(4, 6), all);
    expect(tensors.get("shared.row"), shape(6), 6, 7, 8, 9, 10, 11);
    expect(tensors.get("shared.transposed"), shape(6, 4), transposed);
    expect(tensors.get("shared.every_second"), shape(2, 3), 6, 8, 10, 12, 14, 16);
    expect(tensors.get("repeated"), shape(2, 3), 1.5f, 1.5f, 1.5f, -2.5f, -2.5f, -2.5f);
    expect(tensors.get("channels_last"), shape(1, 2, 2, 2), 0, 1, 2, 3, 4, 5, 6, 7);
    expect(tensors.get("scalar"), shape(), 0.25f);
    expect(tensors.get("empty"), shape(0, 3));
    expect(tensors.get("parameter"), shape(2), 3, 4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"windows.pth", "windows-legacy.pth"})
  void everyElementTypeIsKept(String file) throws IOException {
    Map<String, NamedTensor> tensors = TorchFiles.read(file, MODEL).tensors();
    assertThat(tensors.get("type.float64").doubles().get(2)).isEqualTo(4.0);
    assertThat(tensors.get("type.float16").type()).isEqualTo(DType.F16);
    expect(tensors.get("type.float16").toFloats(), shape(3), 0, 2, 4);
    assertThat(tensors.get("type.bfloat16").type()).isEqualTo(DType.BF16);
    expect(tensors.get("type.bfloat16").toFloats(), shape(3), 0, 2, 4);
    assertThat(tensors.get("type.int64").longs().get(2)).isEqualTo(4);
    assertThat(tensors.get("type.int32").type()).isEqualTo(DType.I32);
    assertThat(tensors.get("type.int16").data().getShort(4)).isEqualTo((short) 4);
    assertThat(tensors.get("type.int8").type()).isEqualTo(DType.I8);
    assertThat(tensors.get("type.uint8").data().get(2)).isEqualTo((byte) 4);
    assertThat(tensors.get("type.bool").type()).isEqualTo(DType.BOOL);
    assertThat(tensors).hasSize(18);
  }

  /** All files hold layers filled with 1 as trained and with 2 as averaged. */
  @ParameterizedTest
  @CsvSource({
    "distributed.pth, MODEL, model, 1",
    "distributed.pth, EMA, model_ema, 2",
    "timm.pth.tar, MODEL, state_dict, 1",
    "timm.pth.tar, EMA, state_dict_ema, 2",
    "swin.pth, MODEL, model, 1",
    "average-only.pth, EMA, model_ema.state_dict, 2"
  })
  void weightsAreFoundUnderTheNamesOfTrainingScripts(
      String file, Variant variant, String key, float value) throws IOException {
    TorchCheckpoint checkpoint = TorchFiles.read(file, variant);
    assertThat(checkpoint.key()).isEqualTo(key);
    assertThat(checkpoint.tensors().keySet())
        .containsExactly(
            "0.weight",
            "0.bias",
            "1.weight",
            "1.bias",
            "1.running_mean",
            "1.running_var",
            "1.num_batches_tracked");
    assertThat(checkpoint.tensors().get("0.weight").shape()).containsExactly(3, 2, 1, 1);
    assertThat(checkpoint.tensors().get("0.weight").floats().get(5)).isEqualTo(value);
  }

  @Test
  void aFileWithOneSetOfWeightsHoldsThatForEitherVariant() throws IOException {
    assertThat(TorchFiles.read("windows.pth", EMA).tensors()).hasSize(18);
    assertThat(TorchFiles.read("windows.pth", EMA).key()).isEmpty();
  }

  @Test
  void missingWeightsAreExplained() {
    assertThatThrownBy(() -> TorchFiles.read("swin.pth", EMA))
        .isInstanceOf(InputException.class)
        .hasMessage("swin.pth holds no moving average of the weights")
        .extracting(e -> ((InputException) e).remedy())
        .asString()
        .contains("under model: --variant model");
    assertThatThrownBy(() -> TorchFiles.read("average-only.pth", MODEL))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("no weights but their average")
        .extracting(e -> ((InputException) e).remedy())
        .asString()
        .contains("--variant ema");
    assertThatThrownBy(() -> TorchFiles.read("no-weights.pth", MODEL))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("holds no weights")
        .hasMessageContaining("it has epoch, args");
  }

  @Test
  void modelWeightsTakesThemLikeAnyOtherFile(@TempDir Path dir) throws IOException {
    Path renamed = dir.resolve("weights.bin");
    Files.write(renamed, TorchFiles.bytes("distributed.pth"));
    ModelWeights weights =
        ModelWeights.load(new Configuration(), new org.apache.hadoop.fs.Path(renamed.toUri()), EMA);
    assertThat(weights.source()).endsWith("weights.bin (model_ema)");
    assertThat(weights.meta()).isEmpty();
    assertThat(weights.tensors().get("1.bias").floats().get(0)).isEqualTo(2f);
  }

  private static long[] shape(long... sizes) {
    return sizes;
  }

  private static void expect(NamedTensor tensor, long[] shape, float... values) {
    assertThat(tensor.shape()).isEqualTo(shape);
    FloatBuffer floats = tensor.floats();
    float[] actual = new float[floats.remaining()];
    floats.get(actual);
    assertThat(actual).isEqualTo(values);
  }
}
