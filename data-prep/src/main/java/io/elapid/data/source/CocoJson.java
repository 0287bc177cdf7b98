package io.elapid.data.source;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.elapid.data.InputException;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * The lists of an annotation file, element by element: the file may be larger than memory, and its
 * lists may come in any order.
 */
final class CocoJson implements Closeable {
  // Python writes NaN and Infinity, which are no JSON
  private static final ObjectMapper MAPPER =
      JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();
  private static final String REMEDY = "download or copy the annotation file again";

  /**
   * An element of a list of the file's outermost object.
   *
   * @param list its name, such as "annotations"
   * @param index in the list, from 0
   */
  record Element(String list, long index, JsonNode node) {}

  private final Path file;
  private final Set<String> wanted;
  private final JsonParser parser;
  private String list;
  private long index;

  private CocoJson(Path file, Set<String> wanted, JsonParser parser) {
    this.file = file;
    this.wanted = wanted;
    this.parser = parser;
  }

  /** Opens a file to read the lists of the given names. */
  static CocoJson open(Configuration conf, Path file, Set<String> wanted) throws IOException {
    JsonFactory factory = MAPPER.getFactory();
    CocoJson json =
        new CocoJson(
            file, wanted, factory.createParser((InputStream) file.getFileSystem(conf).open(file)));
    boolean opened = false;
    try {
      json.start();
      opened = true;
    } finally {
      if (!opened) {
        json.close();
      }
    }
    return json;
  }

  private void start() throws IOException {
    try {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new InputException(file + " is no annotation file: it holds no object", REMEDY);
      }
    } catch (JsonProcessingException e) {
      throw damaged(e);
    }
  }

  /** The next element of a wanted list; null at the end of the file. */
  Element next() throws IOException {
    try {
      while (true) {
        if (list != null) {
          if (parser.nextToken() != JsonToken.END_ARRAY) {
            return new Element(list, index++, parser.readValueAsTree());
          }
          list = null;
        }
        JsonToken token = parser.nextToken();
        if (token == JsonToken.END_OBJECT) {
          return null;
        }
        if (token == null) {
          throw new InputException(file + " is cut short", REMEDY);
        }
        enter(parser.currentName());
      }
    } catch (JsonProcessingException e) {
      throw damaged(e);
    }
  }

  private void enter(String name) throws IOException {
    JsonToken value = parser.nextToken();
    if (value == JsonToken.START_ARRAY && wanted.contains(name)) {
      list = name;
      index = 0;
    } else {
      parser.skipChildren();
    }
  }

  private InputException damaged(JsonProcessingException e) {
    long at = e.getLocation() == null ? -1 : e.getLocation().getByteOffset();
    return new InputException(
        file + " is damaged near byte " + at + ": " + e.getOriginalMessage(), REMEDY, e);
  }

  @Override
  public void close() throws IOException {
    parser.close();
  }
}
