package org.apache.zeppelin.spark;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.repl.SparkILoop;
import org.apache.spark.sql.SQLContext;
import org.apache.spark.sql.SparkSession;
import org.apache.zeppelin.interpreter.InterpreterContext;
import org.apache.zeppelin.interpreter.InterpreterGroup;
import org.apache.zeppelin.interpreter.InterpreterResult;
import org.apache.zeppelin.interpreter.ZeppelinContext;
import org.apache.zeppelin.interpreter.thrift.InterpreterCompletion;
import scala.Console;
import scala.Option;
import scala.collection.JavaConverters;
import scala.tools.nsc.Settings;
import scala.tools.nsc.interpreter.IMain;
import scala.tools.nsc.interpreter.Results;

/**
 * The part of Zeppelin's Spark interpreter that is written in Scala and not on Maven Central: it
 * drives Spark's shell. For tests of the notes alone; an installed Zeppelin has its own.
 *
 * <p>Zeppelin finds this class by its name and creates it by this constructor. As in the original,
 * a paragraph is given to the shell line by line, so a line that is complete is not continued by
 * the next.
 */
public final class SparkScala212Interpreter extends AbstractSparkScalaInterpreter {
  private static final int SHOWN_ROWS = 1000;

  private final SparkConf conf;
  private final Properties properties;
  private final InterpreterGroup group;
  private final URLClassLoader loader;
  private final File classes;
  private final Redirected output = new Redirected();
  private SparkILoop shell;
  private SparkSession session;
  private ZeppelinContext context;

  /** For Zeppelin. */
  public SparkScala212Interpreter(
      SparkConf conf,
      List<String> files,
      Properties properties,
      InterpreterGroup group,
      URLClassLoader loader,
      File classes) {
    if (!files.isEmpty()) {
      throw new IllegalArgumentException("name jars in spark.jars, not as dependencies: " + files);
    }
    this.conf = conf;
    this.properties = properties;
    this.group = group;
    this.loader = loader;
    this.classes = classes;
  }

  @Override
  public void open() {
    conf.set("spark.repl.class.outputDir", classes.getAbsolutePath());
    // shells of several notes write their classes into one folder
    System.setProperty("scala.repl.name.line", "$line" + Integer.toUnsignedString(hashCode()));
    shell = new SparkILoop(Option.empty(), new PrintWriter(output, true));
    shell.settings_$eq(settings());
    shell.createInterpreter();
    shell.intp().initializeSynchronous();
    session = SparkSession.builder().config(conf).getOrCreate();
    SparkShims shims;
    try {
      shims = SparkShims.getInstance(session.version(), properties, session);
    } catch (Exception e) {
      throw new IllegalStateException("no shims for Spark " + session.version(), e);
    }
    context = new SparkZeppelinContext(shims, group.getInterpreterHookRegistry(), SHOWN_ROWS);
    bind("spark", SparkSession.class, session);
    bind("sc", SparkContext.class, session.sparkContext());
    bind("sqlContext", SQLContext.class, session.sqlContext());
    bind("z", SparkZeppelinContext.class, context);
    for (String line :
        List.of("import spark.implicits._", "import org.apache.spark.sql.functions._")) {
      shell.intp().quietRun(line);
    }
  }

  private Settings settings() {
    Settings settings = new Settings();
    List<String> arguments =
        List.of(
            "-Yrepl-class-based",
            "-Yrepl-outdir",
            classes.getAbsolutePath(),
            "-classpath",
            String.join(File.pathSeparator, classPath()));
    settings.processArguments(
        JavaConverters.asScalaBuffer(arguments).toList(), /* processAll= */ true);
    settings.embeddedDefaults(loader);
    return settings;
  }

  /** What the compiler must see: that of the process, and what Spark added for its user. */
  private List<String> classPath() {
    List<String> path = new ArrayList<>(List.of(System.getProperty("java.class.path")));
    for (ClassLoader one = loader; one != null; one = one.getParent()) {
      if (one instanceof URLClassLoader urls) {
        for (URL url : urls.getURLs()) {
          path.add(url.getPath());
        }
      }
    }
    return path;
  }

  private void bind(String name, Class<?> type, Object value) {
    shell
        .intp()
        .bind(
            name,
            type.getName(),
            value,
            JavaConverters.asScalaBuffer(List.of("@transient")).toList());
  }

  @Override
  public InterpreterResult interpret(String code, InterpreterContext paragraph) {
    context.setInterpreterContext(paragraph);
    context.setGui(paragraph.getGui());
    context.setNoteGui(paragraph.getNoteGui());
    ClassLoader before = Thread.currentThread().getContextClassLoader();
    Thread.currentThread().setContextClassLoader(shell.intp().classLoader());
    output.to = paragraph.out;
    try {
      session
          .sparkContext()
          .setJobGroup(
              Utils.buildJobGroupId(paragraph),
              Utils.buildJobDesc(paragraph),
              /* interrupt= */ false);
      return Console.withOut(output, () -> lines(code));
    } finally {
      output.flush();
      output.to = OutputStream.nullOutputStream();
      Thread.currentThread().setContextClassLoader(before);
    }
  }

  private InterpreterResult lines(String code) {
    // the original's way to end a paragraph whose last line is a comment
    List<String> lines = new ArrayList<>(code.lines().toList());
    lines.add("print(\"\")");
    IMain repl = shell.intp();
    String open = "";
    for (String line : lines) {
      String next = open.isEmpty() ? line : open + "\n" + line;
      Results.Result result = repl.interpret(next);
      if (result == Results.Error$.MODULE$) {
        return new InterpreterResult(InterpreterResult.Code.ERROR);
      }
      open = result == Results.Incomplete$.MODULE$ ? next : "";
    }
    return open.isEmpty()
        ? new InterpreterResult(InterpreterResult.Code.SUCCESS)
        : new InterpreterResult(InterpreterResult.Code.INCOMPLETE, "Incomplete expression");
  }

  @Override
  public SparkContext getSparkContext() {
    return session.sparkContext();
  }

  @Override
  public SQLContext getSqlContext() {
    return session.sqlContext();
  }

  @Override
  public Object getSparkSession() {
    return session;
  }

  @Override
  public String getSparkUrl() {
    return "";
  }

  @Override
  public ZeppelinContext getZeppelinContext() {
    return context;
  }

  @Override
  public int getProgress(String group, InterpreterContext paragraph) {
    return 0;
  }

  @Override
  public List<InterpreterCompletion> completion(
      String text, int cursor, InterpreterContext paragraph) {
    return List.of();
  }

  @Override
  public ClassLoader getScalaShellClassLoader() {
    return shell.intp().classLoader();
  }

  @Override
  public void close() {
    if (shell != null) {
      shell.closeInterpreter();
    }
    if (session != null) {
      session.stop();
    }
  }

  /** The shell is made before there is a paragraph to write to. */
  private static final class Redirected extends OutputStream {
    private volatile OutputStream to = OutputStream.nullOutputStream();

    @Override
    public void write(int one) throws IOException {
      to.write(one);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      to.write(bytes, from, length);
    }

    @Override
    public void flush() {
      try {
        to.flush();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
