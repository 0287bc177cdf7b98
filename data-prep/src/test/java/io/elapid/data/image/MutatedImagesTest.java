package io.elapid.data.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.data.Samples;
import io.elapid.data.SplitMix;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever happens to a file's bytes, it is read or refused: no crash, no hang, no wrong size. */
class MutatedImagesTest {
  private static final int ROUNDS = 600;

  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void damagedPicturesAreReadOrRefused() throws Exception {
    List<Path> files;
    try (Stream<Path> walk = Files.walk(Samples.FOLDERS.resolve("train"))) {
      files = walk.filter(f -> f.toString().endsWith(".JPEG")).sorted().toList();
    }
    SplitMix random = new SplitMix(20240607);
    int refused = 0;
    for (int round = 0; round < ROUNDS; round++) {
      byte[] bytes = Files.readAllBytes(files.get(random.nextInt(files.size())));
      byte[] mutated = mutate(bytes, random);
      refused += isReadOrRefused(mutated) ? 0 : 1;
    }
    assertThat(refused).as("both outcomes are tried").isBetween(ROUNDS / 10, ROUNDS * 9 / 10);
  }

  private static byte[] mutate(byte[] bytes, SplitMix random) {
    return switch (random.nextInt(5)) {
      case 0 -> Arrays.copyOf(bytes, random.nextInt(bytes.length));
      case 1 -> {
        // The header, where sizes and lengths are.
        bytes[random.nextInt(Math.min(200, bytes.length))] = (byte) random.nextInt(256);
        yield bytes;
      }
      case 2 -> {
        int from = random.nextInt(bytes.length);
        Arrays.fill(bytes, from, Math.min(bytes.length, from + 64), (byte) random.nextInt(256));
        yield bytes;
      }
      case 3 -> {
        byte[] doubled = Arrays.copyOf(bytes, bytes.length * 2);
        System.arraycopy(bytes, 0, doubled, random.nextInt(bytes.length), bytes.length);
        yield doubled;
      }
      default -> {
        for (int i = 0; i < 20; i++) {
          bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        yield bytes;
      }
    };
  }

  private static boolean isReadOrRefused(byte[] bytes) {
    try {
      ImageInfo info = ImageCodec.inspect(bytes);
      Image image = ImageCodec.decode(bytes);
      assertThat(image.width()).isEqualTo(info.width());
      assertThat(image.height()).isEqualTo(info.height());
      return true;
    } catch (UnreadableImageException e) {
      assertThat(e).message().isNotBlank();
      return false;
    }
  }
}
