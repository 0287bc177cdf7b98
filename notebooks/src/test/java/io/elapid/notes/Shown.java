package io.elapid.notes;

import com.fasterxml.jackson.databind.JsonNode;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;

/**
 * What a paragraph has shown.
 *
 * @param code SUCCESS or ERROR
 * @param messages in their order
 */
record Shown(String code, List<Message> messages) {
  private static final Pattern PICTURE =
      Pattern.compile("data:image/(?:png|jpeg);base64,([A-Za-z0-9+/=]*)");
  private static final Pattern SVG = Pattern.compile("<svg .*?</svg>", Pattern.DOTALL);

  /**
   * One part of it.
   *
   * @param type TEXT, HTML or TABLE
   */
  record Message(String type, String data) {}

  static Shown of(JsonNode result) {
    List<Message> messages = new ArrayList<>();
    for (JsonNode one : result.path("msg")) {
      messages.add(new Message(one.path("type").asText(), one.path("data").asText()));
    }
    return new Shown(result.path("code").asText(), messages);
  }

  /** The message that is not what the shell says by itself; the text if there is no other. */
  Message main() {
    return messages.stream()
        .filter(message -> !message.type().equals("TEXT"))
        .reduce((first, second) -> second)
        .orElse(new Message("TEXT", text()));
  }

  String text() {
    return String.join(
        "", messages.stream().filter(m -> m.type().equals("TEXT")).map(Message::data).toList());
  }

  /** Names of the columns of a table. */
  List<String> columns() {
    return List.of(main().data().lines().findFirst().orElse("").split("\t", -1));
  }

  /** Cells of the table below its columns. */
  List<List<String>> rows() {
    return main()
        .data()
        .lines()
        .skip(1)
        .filter(line -> !line.isBlank())
        .map(line -> Arrays.asList(line.split("\t", -1)))
        .toList();
  }

  /** Every picture in the page, decoded. */
  List<BufferedImage> pictures() throws IOException {
    List<BufferedImage> pictures = new ArrayList<>();
    Matcher found = PICTURE.matcher(main().data());
    while (found.find()) {
      BufferedImage picture =
          ImageIO.read(new ByteArrayInputStream(Base64.getDecoder().decode(found.group(1))));
      if (picture == null) {
        throw new IOException("a picture that is none");
      }
      pictures.add(picture);
    }
    return pictures;
  }

  /** Every drawing in the page, which must be well-formed. */
  List<String> drawings() throws Exception {
    List<String> drawings = new ArrayList<>();
    Matcher found = SVG.matcher(main().data());
    while (found.find()) {
      DocumentBuilderFactory.newInstance()
          .newDocumentBuilder()
          .parse(new ByteArrayInputStream(found.group().getBytes(StandardCharsets.UTF_8)));
      drawings.add(found.group());
    }
    return drawings;
  }
}
