package io.elapid.export;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.GraphProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.TensorProto;
import onnx.Onnx.TensorShapeProto;
import onnx.Onnx.TypeProto;
import onnx.Onnx.ValueInfoProto;
import org.nd4j.shade.protobuf.ByteString;

/**
 * An ONNX graph under construction: nodes in the order in which they are added, so that each
 * follows what it reads. Values are named by strings. The same operator on the same inputs is added
 * once.
 */
final class OnnxGraph {
  /** Name of the dimension that every run decides. */
  static final String BATCH = "batch";

  private final GraphProto.Builder graph = GraphProto.newBuilder();
  private final Map<Node, List<String>> nodes = new HashMap<>();
  private final Map<Constant, String> constants = new HashMap<>();
  private final Map<String, TensorProto> made = new LinkedHashMap<>();
  private final Set<String> names = new HashSet<>();

  OnnxGraph(String name) {
    graph.setName(name);
  }

  private record Node(String operator, List<String> inputs, List<AttributeProto> attributes) {}

  private record Constant(TensorProto.DataType type, List<Long> shape, ByteString content) {}

  /** Adds a float32 input; {@code rest} are the sizes behind the batch. */
  void input(String name, long... rest) {
    graph.addInput(batched(taken(name), rest));
  }

  /** Makes a value the result of the graph, under a name of its own. */
  void output(String name, String value, long... rest) {
    graph.addNode(
        NodeProto.newBuilder()
            .setName(name)
            .setOpType("Identity")
            .addInput(value)
            .addOutput(taken(name)));
    graph.addOutput(batched(name, rest));
  }

  private static ValueInfoProto batched(String name, long... rest) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    shape.addDimBuilder().setDimParam(BATCH);
    for (long size : rest) {
      shape.addDimBuilder().setDimValue(size);
    }
    TypeProto.Tensor.Builder tensor =
        TypeProto.Tensor.newBuilder()
            .setElemType(TensorProto.DataType.FLOAT.getNumber())
            .setShape(shape);
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(tensor))
        .build();
  }

  /** Adds a weight: {@code values} are float32 in native order. */
  void weight(String name, long[] shape, ByteBuffer values) {
    graph.addInitializer(
        tensor(
            taken(name),
            new Constant(TensorProto.DataType.FLOAT, list(shape), ByteString.copyFrom(values))));
  }

  /** A float32 constant. */
  String reals(long[] shape, float... values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return constant(
        new Constant(TensorProto.DataType.FLOAT, list(shape), ByteString.copyFrom(bytes)));
  }

  /** A float32 scalar. */
  String real(double value) {
    return reals(new long[0], (float) value);
  }

  /** A list of int64. */
  String integers(long... values) {
    return table(new long[] {values.length}, values);
  }

  /** An int64 constant of that shape. */
  String table(long[] shape, long... values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asLongBuffer().put(values);
    return constant(
        new Constant(TensorProto.DataType.INT64, list(shape), ByteString.copyFrom(bytes)));
  }

  private String constant(Constant constant) {
    return constants.computeIfAbsent(
        constant,
        added -> {
          String name = taken("constant_" + constants.size());
          made.put(name, tensor(name, added));
          return name;
        });
  }

  private static TensorProto tensor(String name, Constant constant) {
    return TensorProto.newBuilder()
        .setName(name)
        .setDataType(constant.type().getNumber())
        .addAllDims(constant.shape())
        .setRawData(constant.content())
        .build();
  }

  private static List<Long> list(long[] values) {
    return LongStream.of(values).boxed().toList();
  }

  private String taken(String name) {
    if (!names.add(name)) {
      throw new IllegalArgumentException("two values are called " + name);
    }
    return name;
  }

  /** Adds an operator with one output. */
  String node(String operator, List<String> inputs, AttributeProto... attributes) {
    return nodes(operator, 1, inputs, attributes).get(0);
  }

  /** Adds an operator with several outputs. */
  List<String> nodes(
      String operator, int outputs, List<String> inputs, AttributeProto... attributes) {
    Node node = new Node(operator, List.copyOf(inputs), List.of(attributes));
    List<String> known = nodes.get(node);
    if (known != null) {
      return known;
    }
    String name = operator + "_" + graph.getNodeCount();
    List<String> results =
        outputs == 1
            ? List.of(taken(name))
            : IntStream.range(0, outputs).mapToObj(i -> taken(name + "_" + i)).toList();
    graph.addNode(
        NodeProto.newBuilder()
            .setName(name)
            .setOpType(operator)
            .addAllInput(inputs)
            .addAllOutput(results)
            .addAllAttribute(Arrays.asList(attributes)));
    nodes.put(node, results);
    return results;
  }

  /** The graph, without weights and constants that nothing reads. */
  GraphProto build() {
    Set<String> read = new HashSet<>();
    graph.getNodeList().forEach(node -> read.addAll(node.getInputList()));
    made.keySet().retainAll(read);
    List<TensorProto> weights =
        graph.getInitializerList().stream().filter(w -> read.contains(w.getName())).toList();
    return graph
        .clearInitializer()
        .addAllInitializer(weights)
        .addAllInitializer(made.values())
        .build();
  }

  String add(String a, String b) {
    return node("Add", List.of(a, b));
  }

  String subtract(String a, String b) {
    return node("Sub", List.of(a, b));
  }

  String multiply(String a, String b) {
    return node("Mul", List.of(a, b));
  }

  String product(String a, String b) {
    return node("MatMul", List.of(a, b));
  }

  String sigmoid(String x) {
    return node("Sigmoid", List.of(x));
  }

  String silu(String x) {
    return multiply(x, sigmoid(x));
  }

  /** A size of 0 is that of the input at the same place: the batch. */
  String reshape(String x, long... shape) {
    return node("Reshape", List.of(x, integers(shape)));
  }

  String transpose(String x, long... order) {
    return node("Transpose", List.of(x), Attributes.integers("perm", order));
  }

  String concatenate(int axis, List<String> parts) {
    return node("Concat", parts, Attributes.integer("axis", axis));
  }

  List<String> split(String x, int axis, long... sizes) {
    return nodes(
        "Split", sizes.length, List.of(x, integers(sizes)), Attributes.integer("axis", axis));
  }

  /** The elements {@code first, first + step, ...} below {@code end} along an axis. */
  String slice(String x, int axis, long first, long end, long step) {
    return node(
        "Slice", List.of(x, integers(first), integers(end), integers(axis), integers(step)));
  }

  /** Zeros around: so many before every dimension, then so many behind every one. */
  String pad(String x, long... sizes) {
    return node("Pad", List.of(x, integers(sizes)));
  }

  String gather(String x, String indices, int axis) {
    return node("Gather", List.of(x, indices), Attributes.integer("axis", axis));
  }

  /** The mean over dimensions, which disappear. */
  String mean(String x, long... axes) {
    return node(
        "ReduceMean",
        List.of(x),
        Attributes.integers("axes", axes),
        Attributes.integer("keepdims", 0));
  }
}
