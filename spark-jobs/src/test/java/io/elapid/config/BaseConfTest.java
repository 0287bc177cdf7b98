package io.elapid.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** base.conf is the documentation of all keys, so it must be complete. */
class BaseConfTest {

  private final Config base = ConfigFactory.parseString(RecipeFiles.base());

  @Test
  void hasExactlyTheKeysOfTheRecipe() {
    List<String> keys = new ArrayList<>();
    collect(base.root(), "", keys);

    assertThat(keys).containsExactlyInAnyOrderElementsOf(Keys.leaves(Recipe.class));
  }

  @Test
  void explainsEveryKey() {
    assertThat(Keys.leaves(Recipe.class))
        .allSatisfy(
            key -> {
              ConfigValue value = value(base.root(), key);
              assertThat(value.origin().comments()).as(key).isNotEmpty();
            });
  }

  private static void collect(ConfigObject object, String parent, List<String> keys) {
    object.forEach(
        (key, value) -> {
          if (value instanceof ConfigObject nested) {
            collect(nested, Keys.join(parent, key), keys);
          } else {
            keys.add(Keys.join(parent, key));
          }
        });
  }

  private static ConfigValue value(ConfigObject object, String path) {
    int dot = path.indexOf('.');
    return dot < 0
        ? object.get(path)
        : value((ConfigObject) object.get(path.substring(0, dot)), path.substring(dot + 1));
  }
}
