package io.elapid.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.chaos.Program;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.imageio.ImageIO;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A page as a browser without a screen draws it. */
final class Screenshot {
  private static final Logger LOG = LoggerFactory.getLogger(Screenshot.class);
  private static final Path BROWSER = Path.of("/usr/bin/chromium");
  private static final int WIDTH = 1200;

  private Screenshot() {}

  /** Takes a picture and checks that something is drawn; says so where there is no browser. */
  static void of(String address, Path picture) throws IOException {
    if (!Files.isExecutable(BROWSER)) {
      LOG.warn("Not drawn, there is no {}: {}", BROWSER, address);
      return;
    }
    try (Program browser =
        Program.start(
            Path.of(picture + ".log"),
            Map.of(),
            List.of(
                BROWSER.toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--hide-scrollbars",
                "--window-size=" + WIDTH + ",1700",
                "--user-data-dir=" + picture + "-profile",
                "--screenshot=" + picture,
                address))) {
      assertThat(browser.await(Duration.ofMinutes(1))).as(browser.output()).isZero();
    }
    BufferedImage drawn = ImageIO.read(picture.toFile());
    assertThat(drawn.getWidth()).isEqualTo(WIDTH);
    Set<Integer> colours = new HashSet<>();
    for (int y = 0; y < drawn.getHeight(); y += 3) {
      for (int x = 0; x < WIDTH; x += 3) {
        colours.add(drawn.getRGB(x, y));
      }
    }
    assertThat(colours).as("colours in " + picture).hasSizeGreaterThan(50);
  }
}
