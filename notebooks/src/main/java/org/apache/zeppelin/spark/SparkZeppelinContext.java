package org.apache.zeppelin.spark;

import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.zeppelin.display.ui.OptionInput.ParamOption;
import org.apache.zeppelin.interpreter.InterpreterHookRegistry;
import org.apache.zeppelin.interpreter.ZeppelinContext;
import scala.Tuple2;
import scala.collection.JavaConverters;
import scala.collection.Seq;

/**
 * What notes see as {@code z}: the forms of Zeppelin, of which {@code select} takes Scala's
 * sequences, and data frames as tables.
 */
public final class SparkZeppelinContext extends ZeppelinContext {
  private final SparkShims shims;

  SparkZeppelinContext(SparkShims shims, InterpreterHookRegistry hooks, int rows) {
    super(hooks, rows);
    this.shims = shims;
  }

  /** A form that chooses one of some values, each with the text that is shown for it. */
  public Object select(String name, Seq<Tuple2<Object, String>> options, Object usual) {
    ParamOption[] all =
        JavaConverters.seqAsJavaList(options).stream()
            .map(option -> new ParamOption(option._1(), option._2()))
            .toArray(ParamOption[]::new);
    return select(name, all, usual);
  }

  @Override
  public String showData(Object data, int rows) {
    return shims.showDataFrame(data, rows, interpreterContext);
  }

  @Override
  @SuppressWarnings("rawtypes") // as Zeppelin declares it
  public List<Class> getSupportedClasses() {
    return List.of(Dataset.class);
  }

  @Override
  public Map<String, String> getInterpreterClassMap() {
    return Map.of(
        "spark", SparkInterpreter.class.getName(), "sql", SparkSqlInterpreter.class.getName());
  }
}
