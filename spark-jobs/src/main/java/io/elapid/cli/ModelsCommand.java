package io.elapid.cli;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.elapid.cli.TextTable.Align;
import io.elapid.engine.NetworkCost;
import io.elapid.graph.Mode;
import io.elapid.model.Backbone;
import io.elapid.model.ModelFacts;
import io.elapid.model.Models;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "models",
    mixinStandardHelpOptions = true,
    description = {
      "Lists the networks: input, parameters and multiply-accumulates (MACs) counted on their graphs for 1,000 classes,",
      "and what the papers print, which count differently; the last column says how."
    },
    footer = {"", "Example: elapid models"})
final class ModelsCommand implements Callable<Integer> {
  private static final int CLASSES = 1000;

  @Option(names = "--json", description = "prints JSON instead of a table")
  private boolean json;

  /** One network. */
  private record Row(
      String name, int imageSize, long parameters, long deployed, long macs, ModelFacts facts) {
    static Row of(String name) {
      Backbone network = Models.byName(name);
      int side = network.imageSize();
      NetworkCost cost = NetworkCost.of(network, CLASSES, side, Mode.TRAIN);
      return new Row(
          name,
          side,
          cost.parameters(),
          network.tensors(Mode.DEPLOY, CLASSES).countedLength(),
          cost.multiplyAccumulates(),
          Models.facts(name).orElse(null));
    }

    Optional<ModelFacts> paper() {
      return Optional.ofNullable(facts);
    }
  }

  @Override
  public Integer call() throws IOException {
    List<Row> rows = new ArrayList<>();
    for (String name : Models.names()) {
      rows.add(Row.of(name));
    }
    System.out.println(json ? toJson(rows) : String.join("\n", table(rows).lines()));
    return 0;
  }

  private static TextTable table(List<Row> rows) {
    TextTable table =
        new TextTable(
            Align.LEFT,
            Align.RIGHT,
            Align.RIGHT,
            Align.RIGHT,
            Align.RIGHT,
            Align.RIGHT,
            Align.RIGHT,
            Align.LEFT);
    table.row("name", "input", "params M", "deployed M", "MACs M", "paper", "MACs", "paper counts");
    for (Row row : rows) {
      table.row(
          row.name(),
          Integer.toString(row.imageSize()),
          millions("%.2f", row.parameters()),
          millions("%.2f", row.deployed()),
          millions("%.1f", row.macs()),
          row.paper().map(ModelFacts::parameters).orElse("-"),
          row.paper().map(ModelFacts::macs).orElse("-"),
          row.paper().map(ModelFacts::note).orElse("not published"));
    }
    return table;
  }

  private static String millions(String format, long value) {
    return String.format(Locale.ROOT, format, value / 1e6);
  }

  private static String toJson(List<Row> rows) throws IOException {
    JsonMapper mapper = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
    ArrayNode all = mapper.createArrayNode();
    for (Row row : rows) {
      ObjectNode node = all.addObject();
      node.put("name", row.name());
      node.put("imageSize", row.imageSize());
      node.put("parameters", row.parameters());
      node.put("deployParameters", row.deployed());
      node.put("multiplyAccumulates", row.macs());
      row.paper()
          .ifPresent(
              facts ->
                  node.putObject("paper")
                      .put("parameters", facts.parameters())
                      .put("multiplyAccumulates", facts.macs())
                      .put("note", facts.note()));
    }
    return mapper.writeValueAsString(all);
  }
}
