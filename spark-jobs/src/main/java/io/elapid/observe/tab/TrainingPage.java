package io.elapid.observe.tab;

import io.elapid.observe.TrainingView;
import javax.servlet.http.HttpServletRequest;
import org.apache.spark.ui.UIUtils;
import org.apache.spark.ui.WebUIPage;
import scala.Option;
import scala.collection.JavaConverters;
import scala.collection.Seq;
import scala.xml.Node;
import scala.xml.Unparsed;

/** The one page of the tab. */
final class TrainingPage extends WebUIPage {
  private final TrainingTab tab;

  TrainingPage(TrainingTab tab) {
    super("");
    this.tab = tab;
  }

  @Override
  public Seq<Node> render(HttpServletRequest request) {
    Node view = new Unparsed(TrainingView.html(tab.run()));
    Seq<Node> content =
        JavaConverters.asScalaBufferConverter(java.util.List.of(view)).asScala().toSeq();
    return UIUtils.headerSparkPage(
        request, "Training", () -> content, tab, Option.empty(), false, false);
  }
}
