package io.elapid.config;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/**
 * Builds records from HOCON objects: component names give the keys, component types the types.
 * Mistakes go to {@link Problems}, with a placeholder in the record, so that reading goes on.
 */
final class RecordReader {
  private static final String TYPE = "type";

  private final Problems problems;
  private final ScalarReader scalars;

  RecordReader(Problems problems) {
    this.problems = problems;
    this.scalars = new ScalarReader(problems);
  }

  /** Reads a record whose values all are in {@code section}, which base.conf has completed. */
  <R extends Record> R read(Class<R> type, ConfigObject section, String path) {
    RecordComponent[] components = type.getRecordComponents();
    Object[] values = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      String key = Keys.of(components[i]);
      ConfigValue value = section.get(key);
      if (value == null) {
        value = absent(components[i], section.origin());
      }
      values[i] = value(components[i], value, Keys.join(path, key), section.origin());
    }
    return construct(type, components, values);
  }

  private static ConfigValue absent(RecordComponent component, ConfigOrigin origin) {
    Default fallback = component.getAnnotation(Default.class);
    return fallback == null
        ? null
        : ConfigFactory.parseString("v = " + fallback.value()).getValue("v").withOrigin(origin);
  }

  private Object value(
      RecordComponent component, ConfigValue value, String path, ConfigOrigin origin) {
    Class<?> type = component.getType();
    boolean missing = value == null || value.valueType() == ConfigValueType.NULL;
    if (type == Optional.class) {
      return missing ? Optional.empty() : Optional.of(scalars.string(value, path));
    }
    Interval bounds =
        Optional.ofNullable(component.getAnnotation(Bounds.class))
            .map(annotation -> Interval.parse(annotation.value()))
            .orElse(null);
    if (type == OptionalDouble.class) {
      return missing
          ? OptionalDouble.empty()
          : OptionalDouble.of((double) scalars.read(double.class, bounds, value, path));
    }
    if (missing) {
      problems.add(value == null ? origin : value.origin(), path, "needs a value");
      return scalars.placeholder(type);
    }
    if (type.isRecord()) {
      return read(type.asSubclass(Record.class), (ConfigObject) value, path);
    }
    if (type == List.class) {
      return list(elementType(component.getGenericType()), bounds, value, path);
    }
    return scalars.read(type, bounds, value, path);
  }

  private static Class<?> elementType(Type list) {
    return (Class<?>) ((ParameterizedType) list).getActualTypeArguments()[0];
  }

  private List<Object> list(Class<?> element, Interval bounds, ConfigValue value, String path) {
    List<Object> result = new ArrayList<>();
    if (value.valueType() != ConfigValueType.LIST) {
      problems.add(value.origin(), path, ScalarReader.expected("a list [...]", value));
      return result;
    }
    for (ConfigValue item : (ConfigList) value) {
      String itemPath = path + "[" + result.size() + "]";
      Object read = item(element, bounds, item, itemPath);
      if (read == null) {
        return result;
      }
      result.add(read);
    }
    return result;
  }

  private Object item(Class<?> element, Interval bounds, ConfigValue value, String path) {
    if (element.isSealed()) {
      return choice(element, value, path);
    }
    return element.isRecord()
        ? single(element.asSubclass(Record.class), value, path)
        : scalars.read(element, bounds, value, path);
  }

  private Object single(Class<? extends Record> type, ConfigValue value, String path) {
    if (!(value instanceof ConfigObject object)) {
      String keys = String.join(", ", Keys.leaves(type));
      problems.add(value.origin(), path, ScalarReader.expected("an object of " + keys, value));
      return null;
    }
    reportUnknown(Keys.leaves(type), object, path);
    return read(type, object, path);
  }

  /** Reads one of the records that a sealed interface permits; the key {@code type} says which. */
  private Object choice(Class<?> sealed, ConfigValue value, String path) {
    if (!(value instanceof ConfigObject object)) {
      problems.add(value.origin(), path, ScalarReader.expected("an object { type = ... }", value));
      return null;
    }
    List<Class<?>> permitted = Arrays.asList(sealed.getPermittedSubclasses());
    List<String> names = permitted.stream().map(Keys::of).toList();
    ConfigValue named = object.get(TYPE);
    String name = named == null ? "" : String.valueOf(named.unwrapped());
    int index = names.indexOf(name);
    if (index < 0) {
      ConfigOrigin origin = named == null ? object.origin() : named.origin();
      String got = named == null ? "needs a value" : "unknown type \"" + name + "\"";
      problems.add(
          origin,
          Keys.join(path, TYPE),
          got + NearestKey.hint(name, names) + " (one of " + String.join(", ", names) + ")");
      return null;
    }
    Class<? extends Record> chosen = permitted.get(index).asSubclass(Record.class);
    reportUnknown(
        Stream.concat(Stream.of(TYPE), Keys.leaves(chosen).stream()).toList(), object, path);
    return read(chosen, object, path);
  }

  private void reportUnknown(List<String> known, ConfigObject object, String path) {
    object.forEach(
        (key, value) -> {
          if (!known.contains(key)) {
            problems.add(
                value.origin(), Keys.join(path, key), "unknown key" + NearestKey.hint(key, known));
          }
        });
  }

  private static <R extends Record> R construct(
      Class<R> type, RecordComponent[] components, Object[] values) {
    Class<?>[] types =
        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    try {
      return type.getDeclaredConstructor(types).newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot construct " + type.getName(), e);
    }
  }
}
