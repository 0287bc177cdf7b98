package io.elapid.checkpoint;

import static java.util.Map.entry;

import io.elapid.checkpoint.pickle.PickleException;
import io.elapid.checkpoint.pickle.Policy;
import io.elapid.checkpoint.pickle.PyObject;
import io.elapid.checkpoint.pickle.PyTuple;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The names that a PyTorch checkpoint may use, and what they become here. Tensors are rebuilt;
 * dictionaries by other names become dictionaries; the rest of what training scripts save beside
 * their weights (arguments, random states, numbers of numpy) is kept as a name only.
 */
final class TorchGlobals implements Policy {
  /** Turns the arguments of a persistent id into a storage. */
  interface Storages {
    TorchStorage of(DType type, PyTuple id);
  }

  /** Something that can be called. */
  private record Callable(String name, Function<PyTuple, Object> body) {}

  private static final DType UNTYPED = DType.U8;

  private static final Map<String, DType> STORAGES =
      Map.ofEntries(
          entry("torch.BoolStorage", DType.BOOL),
          entry("torch.ByteStorage", DType.U8),
          entry("torch.CharStorage", DType.I8),
          entry("torch.ShortStorage", DType.I16),
          entry("torch.IntStorage", DType.I32),
          entry("torch.LongStorage", DType.I64),
          entry("torch.HalfStorage", DType.F16),
          entry("torch.BFloat16Storage", DType.BF16),
          entry("torch.FloatStorage", DType.F32),
          entry("torch.DoubleStorage", DType.F64),
          entry("torch.UntypedStorage", UNTYPED),
          entry("torch.storage.UntypedStorage", UNTYPED));

  private static final Map<String, DType> TYPES =
      Map.ofEntries(
          entry("torch.bool", DType.BOOL),
          entry("torch.uint8", DType.U8),
          entry("torch.int8", DType.I8),
          entry("torch.int16", DType.I16),
          entry("torch.uint16", DType.U16),
          entry("torch.int32", DType.I32),
          entry("torch.uint32", DType.U32),
          entry("torch.int64", DType.I64),
          entry("torch.uint64", DType.U64),
          entry("torch.float16", DType.F16),
          entry("torch.bfloat16", DType.BF16),
          entry("torch.float32", DType.F32),
          entry("torch.float64", DType.F64));

  private static final Map<String, Function<PyTuple, Object>> CALLABLES =
      Map.ofEntries(
          entry("torch._utils._rebuild_tensor", TorchGlobals::tensor),
          entry("torch._utils._rebuild_tensor_v2", TorchGlobals::tensor),
          entry("torch._utils._rebuild_tensor_v3", TorchGlobals::tensorOfBytes),
          entry("torch._utils._rebuild_parameter", TorchGlobals::first),
          entry("torch._utils._rebuild_parameter_with_state", TorchGlobals::first),
          entry("collections.OrderedDict", TorchGlobals::dictionary),
          entry("collections.defaultdict", arguments -> new LinkedHashMap<>()),
          entry("collections.Counter", TorchGlobals::dictionary),
          entry("yacs.config.CfgNode", TorchGlobals::dictionary),
          entry("torch.Size", TorchGlobals::first),
          entry("builtins.set", TorchGlobals::list),
          entry("__builtin__.set", TorchGlobals::list));

  /** Names whose objects hold no weights. */
  private static final List<String> INERT =
      List.of(
          "argparse.Namespace",
          "types.SimpleNamespace",
          "pathlib.Path",
          "pathlib.PosixPath",
          "pathlib.PurePosixPath",
          "pathlib.WindowsPath",
          "datetime.datetime",
          "datetime.timedelta",
          "builtins.int",
          "builtins.float",
          "builtins.list",
          "builtins.dict",
          "__builtin__.int",
          "__builtin__.float",
          "__builtin__.list",
          "__builtin__.dict",
          "_codecs.encode",
          "torch.device",
          "torch.contiguous_format",
          "torch.channels_last",
          "numpy.dtype",
          "numpy.ndarray",
          "numpy.core.multiarray.scalar",
          "numpy.core.multiarray._reconstruct",
          "numpy._core.multiarray.scalar",
          "numpy._core.multiarray._reconstruct");

  private final Storages storages;

  TorchGlobals(Storages storages) {
    this.storages = storages;
  }

  @Override
  public Object global(String module, String name) {
    String full = module + "." + name;
    if (STORAGES.containsKey(full)) {
      return STORAGES.get(full);
    }
    if (TYPES.containsKey(full)) {
      return TYPES.get(full);
    }
    if (CALLABLES.containsKey(full)) {
      return new Callable(full, CALLABLES.get(full));
    }
    if (INERT.contains(full)) {
      return new Callable(full, arguments -> new PyObject(full));
    }
    throw new ForbiddenGlobalException(full);
  }

  @Override
  public Object call(Object callable, PyTuple arguments) {
    if (!(callable instanceof Callable known)) {
      throw new PickleException("calls something that is no function");
    }
    return known.body().apply(arguments);
  }

  /** {@code ("storage", type, key, ...)} is the only kind of id that PyTorch writes. */
  @Override
  public Object persistent(Object id) {
    if (id instanceof PyTuple tuple && "storage".equals(tuple.get(0, String.class))) {
      return storages.of(tuple.get(1, DType.class), tuple);
    }
    throw new PickleException("refers to something that is no storage");
  }

  private static TorchTensor tensor(PyTuple arguments) {
    TorchStorage storage = arguments.get(0, TorchStorage.class);
    return tensor(arguments, storage, storage.type());
  }

  private static TorchTensor tensorOfBytes(PyTuple arguments) {
    return tensor(arguments, arguments.get(0, TorchStorage.class), arguments.get(6, DType.class));
  }

  private static TorchTensor tensor(PyTuple arguments, TorchStorage storage, DType type) {
    return TorchTensor.of(
        storage,
        type,
        arguments.get(1, Long.class),
        arguments.get(2, PyTuple.class),
        arguments.get(3, PyTuple.class));
  }

  private static Object first(PyTuple arguments) {
    return arguments.get(0, Object.class);
  }

  /** A dictionary as it is, since copies of one could outgrow the file; otherwise an empty one. */
  private static Object dictionary(PyTuple arguments) {
    return arguments.size() == 0 ? new LinkedHashMap<>() : arguments.get(0, Map.class);
  }

  private static Object list(PyTuple arguments) {
    return arguments.size() == 0 ? new ArrayList<>() : arguments.get(0, List.class);
  }
}
