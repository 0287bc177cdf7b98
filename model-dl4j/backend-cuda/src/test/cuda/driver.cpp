// A libcuda.so.1 for machines without a GPU: the functions that the launcher calls, over the emulation.
//
// As strict as the real one where that finds mistakes: work is done when a stream is waited for and not before, copies
// take page-locked memory only, calls need a current context, and memory is NaN at first. Each kernel runs twice, in
// two orders of its threads and blocks; memory that then differs is a race. May be called by several threads.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "standin.h"

using Result = int;
using Address = unsigned long long;

namespace {
constexpr Result SUCCESS = 0;
constexpr Result INVALID_VALUE = 1;
constexpr Result OUT_OF_MEMORY = 2;
constexpr Result NOT_INITIALIZED = 3;
constexpr Result INVALID_DEVICE = 101;
constexpr Result INVALID_PTX = 218;
constexpr Result INVALID_CONTEXT = 201;
constexpr Result INVALID_HANDLE = 400;
constexpr Result NOT_FOUND = 500;
constexpr Result NOT_READY = 600;
constexpr Result LAUNCH_FAILED = 719;

constexpr size_t MEMORY = size_t(192) << 20;
constexpr size_t PAGE_LOCKED = size_t(64) << 20;
constexpr size_t DEFAULT_SHARED = 48 << 10;
constexpr size_t WATCHED = 8 << 20;
constexpr size_t FENCE = 64;
constexpr unsigned char GUARD = 0xA5;
constexpr int DEVICES = 2;

struct Module {
  std::string ptx;
  std::string name;
};

struct Function {
  const emulation::Kernel* kernel;
  size_t sharedLimit = DEFAULT_SHARED;
};

using Work = std::vector<std::function<Result()>>;

struct Stream {
  Work queue;
  size_t done = 0;
  Work captured;
  bool capturing = false;

  void push(std::function<Result()> work) { (capturing ? captured : queue).push_back(std::move(work)); }
};

using Clock = std::chrono::steady_clock;

struct Event {
  bool timed;
  Stream* stream = nullptr;
  size_t after = 0;
  bool passed = false;
  Clock::time_point time;
};

struct Context {
  int device;
  int retained = 0;
};

bool initialised;
thread_local Context* current;
Context contexts[DEVICES] = {{0}, {1}};
std::map<Address, size_t> memory;
std::map<Address, size_t> pinned;
std::set<Address> managed;
size_t allocated;
thread_local std::string detail;
std::atomic<bool> stalled;
bool failed;

// Held by every call.
std::recursive_mutex guard;

/// Whether the devices have unified memory: all but old ones do.
bool unified() {
  const char* without = std::getenv("ELAPID_STANDIN_WITHOUT_UNIFIED_MEMORY");
  return without == nullptr;
}

/// Bytes that a device says that it has.
size_t capacity() {
  static const char* mebibytes = std::getenv("ELAPID_STANDIN_MEBIBYTES");
  static const size_t bytes = mebibytes == nullptr ? MEMORY : std::strtoull(mebibytes, nullptr, 10) << 20;
  return bytes;
}

/// How many blocks of unified memory there may be.
size_t unifiedBlocks() {
  static const char* most = std::getenv("ELAPID_STANDIN_UNIFIED_BLOCKS");
  static const size_t blocks = most == nullptr ? SIZE_MAX : std::strtoull(most, nullptr, 10);
  return blocks;
}

Result fail(Result code, std::string text) {
  detail = std::move(text);
  return code;
}

/// Whether the device fails now, for as long as this process lives: once in all processes that are
/// given the same name of a file, which is there from then on.
bool failsForGood() {
  constexpr int LAUNCHES = 100;
  static const char* file = std::getenv("ELAPID_STANDIN_FAILS_ONCE");
  static int launches = 0;
  if (!failed && file != nullptr && ++launches == LAUNCHES) {
    std::FILE* created = std::fopen(file, "wx");
    failed = created != nullptr;
    if (failed) std::fclose(created);
  }
  return failed;
}

/// The block of `map` that holds all of the bytes, or its end.
std::map<Address, size_t>::iterator holder(std::map<Address, size_t>& map, Address at, size_t bytes) {
  auto next = map.upper_bound(at);
  if (next == map.begin()) {
    return map.end();
  }
  auto found = std::prev(next);
  return at + bytes <= found->first + found->second ? found : map.end();
}

bool fencesAreWhole() {
#if !defined(__SANITIZE_ADDRESS__)
  for (auto& [at, size] : memory) {
    auto* bytes = reinterpret_cast<unsigned char*>(at);
    for (size_t i = 0; i < FENCE; i++) {
      if (bytes[size + i] != GUARD || *(bytes - 1 - i) != GUARD) {
        return false;
      }
    }
  }
#endif
  return true;
}

/// The blocks of memory that a launch can reach by its arguments, with their sizes.
std::map<Address, size_t> reach(const emulation::Kernel& kernel, const std::vector<std::vector<char>>& values) {
  std::map<Address, size_t> blocks;
  for (size_t i = 0; i < values.size(); i++) {
    Address at = 0;
    if (kernel.sizes[i] == sizeof(at)) {
      std::memcpy(&at, values[i].data(), sizeof(at));
      auto found = holder(memory, at, 1);
      if (found != memory.end()) {
        blocks.insert(*found);
      }
    }
  }
  return blocks;
}

/// Copies of blocks of memory. Kept from launch to launch: pages that are taken anew each time cost more than copies.
struct Snapshot {
  std::map<Address, size_t> blocks;
  std::vector<char> bytes;

  void take(const std::map<Address, size_t>& reached) {
    blocks = reached;
    size_t size = 0;
    for (auto& [at, length] : blocks) size += length;
    if (bytes.size() < size) bytes.resize(size);
    char* to = bytes.data();
    for (auto& [at, length] : blocks) {
      std::memcpy(to, reinterpret_cast<void*>(at), length);
      to += length;
    }
  }

  void restore() {
    const char* from = bytes.data();
    for (auto& [at, length] : blocks) {
      std::memcpy(reinterpret_cast<void*>(at), from, length);
      from += length;
    }
  }

  bool isSame() {
    const char* then = bytes.data();
    for (auto& [at, length] : blocks) {
      if (std::memcmp(reinterpret_cast<void*>(at), then, length) != 0) {
        return false;
      }
      then += length;
    }
    return true;
  }
};
Snapshot before, first;

Result launch(const emulation::Kernel& kernel, Index3 grid, Index3 block, size_t bytes,
              std::vector<std::vector<char>> values) {
  if (failsForGood()) return fail(LAUNCH_FAILED, kernel.name + ": the device has failed");
  std::vector<void*> parameters;
  for (auto& value : values) {
    parameters.push_back(value.data());
  }
  std::map<Address, size_t> reached = reach(kernel, values);
  size_t size = 0;
  for (auto& [at, length] : reached) size += length;
  bool watched = size < WATCHED;
  if (watched) before.take(reached);
  std::string failure =
      emulation::run(kernel, grid, block, bytes, parameters.data(), emulation::Order::ASCENDING);
  if (failure.empty() && watched) {
    first.take(reached);
    before.restore();
    failure = emulation::run(kernel, grid, block, bytes, parameters.data(), emulation::Order::DESCENDING);
    if (failure.empty() && !first.isSame()) {
      failure = "results depend on the order of threads: a race";
    }
  }
  if (failure.empty() && !fencesAreWhole()) {
    failure = "memory was written out of bounds";
  }
  return failure.empty() ? SUCCESS : fail(LAUNCH_FAILED, kernel.name + ": " + failure);
}

/// NOT_READY where work of other libraries waits for something; it is asked again then.
Result drain(Stream* stream, size_t until) {
  while (stream->done < until) {
    Result result = stream->queue[stream->done]();
    if (result == NOT_READY) {
      return result;
    }
    stream->queue[stream->done++] = nullptr;
    if (result != SUCCESS) {
      return result;
    }
  }
  return SUCCESS;
}

/// Bytes of the parameters that the text declares for a kernel; false when it has no such kernel.
bool parameterSizes(const std::string& ptx, const std::string& name, std::vector<size_t>& sizes) {
  size_t entry = ptx.find(".entry " + name + "(");
  if (entry == std::string::npos) {
    return false;
  }
  size_t end = ptx.find(')', entry);
  std::istringstream lines(ptx.substr(entry, end - entry));
  for (std::string line; std::getline(lines, line);) {
    if (line.find(".param") == std::string::npos) {
      continue;
    }
    size_t bracket = line.find('[');
    if (bracket != std::string::npos) {
      sizes.push_back(std::stoul(line.substr(bracket + 1)));
    } else {
      sizes.push_back(line.find("64 ") != std::string::npos ? 8 : 4);
    }
  }
  return true;
}
}  // namespace

#define NEEDS_CONTEXT                                                             \
  if (current == nullptr) return fail(INVALID_CONTEXT, "invalid device context"); \
  std::lock_guard<std::recursive_mutex> held(guard);                              \
  if (failed) return fail(LAUNCH_FAILED, "the device has failed")

extern "C" {
Result cuInit(unsigned) {
  initialised = true;
  return SUCCESS;
}

Result cuGetErrorName(Result code, const char** name) {
  static const std::map<Result, const char*> names = {
      {INVALID_VALUE, "CUDA_ERROR_INVALID_VALUE"},     {OUT_OF_MEMORY, "CUDA_ERROR_OUT_OF_MEMORY"},
      {NOT_INITIALIZED, "CUDA_ERROR_NOT_INITIALIZED"}, {INVALID_DEVICE, "CUDA_ERROR_INVALID_DEVICE"},
      {INVALID_PTX, "CUDA_ERROR_INVALID_PTX"},         {INVALID_CONTEXT, "CUDA_ERROR_INVALID_CONTEXT"},
      {INVALID_HANDLE, "CUDA_ERROR_INVALID_HANDLE"},   {NOT_READY, "CUDA_ERROR_NOT_READY"},
      {NOT_FOUND, "CUDA_ERROR_NOT_FOUND"},             {LAUNCH_FAILED, "CUDA_ERROR_LAUNCH_FAILED"}};
  auto found = names.find(code);
  *name = found == names.end() ? nullptr : found->second;
  return found == names.end() ? INVALID_VALUE : SUCCESS;
}

Result cuGetErrorString(Result, const char** text) {
  *text = detail.c_str();
  return SUCCESS;
}

Result cuDriverGetVersion(int* version) {
  *version = 11060;
  return SUCCESS;
}

Result cuDeviceGetCount(int* count) {
  if (!initialised) return fail(NOT_INITIALIZED, "cuInit was not called");
  *count = DEVICES;
  return SUCCESS;
}

Result cuDeviceGet(int* device, int ordinal) {
  if (ordinal < 0 || ordinal >= DEVICES) return fail(INVALID_DEVICE, "invalid device ordinal");
  *device = ordinal;
  return SUCCESS;
}

Result cuDeviceGetName(char* name, int length, int device) {
  std::snprintf(name, length, "stand-in %d", device);
  return SUCCESS;
}

Result cuDeviceGetUuid(unsigned char* uuid, int device) {
  for (int i = 0; i < 16; i++) uuid[i] = static_cast<unsigned char>(16 * device + i);
  return SUCCESS;
}

Result cuDeviceTotalMem_v2(size_t* bytes, int) {
  *bytes = capacity();
  return SUCCESS;
}

Result cuDeviceGetAttribute(int* value, int attribute, int) {
  switch (attribute) {
    case 13: *value = 1000000; return SUCCESS;        // kilohertz
    case 16: *value = 8; return SUCCESS;              // multiprocessors
    case 75: *value = 6; return SUCCESS;              // compute capability, major
    case 76: *value = 0; return SUCCESS;              // minor
    case 89: *value = unified(); return SUCCESS;      // unified memory that the CPU uses meanwhile
    case 97: *value = SHARED_LIMIT; return SUCCESS;   // shared memory of a block, when asked for
    default: return fail(INVALID_VALUE, "no such attribute here");
  }
}

Result cuDevicePrimaryCtxRetain(Context** context, int device) {
  *context = &contexts[device];
  contexts[device].retained++;
  return SUCCESS;
}

Result cuDevicePrimaryCtxRelease_v2(int device) {
  if (contexts[device].retained == 0) return fail(INVALID_CONTEXT, "invalid device context");
  contexts[device].retained--;
  return SUCCESS;
}

Result cuDevicePrimaryCtxGetState(int device, unsigned* flags, int* active) {
  *flags = 0;
  *active = contexts[device].retained > 0;
  return SUCCESS;
}

Result cuCtxSetCurrent(Context* context) {
  current = context;
  return SUCCESS;
}

Result cuModuleLoadDataEx(Module** module, const char* image, unsigned, void*, void*) {
  NEEDS_CONTEXT;
  if (std::strstr(image, ".version") == nullptr) return fail(INVALID_PTX, "a PTX JIT compilation failed");
  *module = new Module{image, ""};
  return SUCCESS;
}

Result cuModuleUnload(Module* module) {
  NEEDS_CONTEXT;
  delete module;
  return SUCCESS;
}

Result cuModuleGetFunction(Function** function, Module* module, const char* name) {
  NEEDS_CONTEXT;
  std::vector<size_t> sizes;
  const emulation::Kernel* kernel = emulation::find(name);
  if (kernel == nullptr || !parameterSizes(module->ptx, name, sizes)) {
    return fail(NOT_FOUND, "named symbol not found");
  }
  if (sizes != kernel->sizes) {
    return fail(INVALID_PTX, std::string(name) + ": source and PTX differ in their parameters");
  }
  *function = new Function{kernel};
  return SUCCESS;
}

Result cuFuncSetAttribute(Function* function, int attribute, int value) {
  NEEDS_CONTEXT;
  if (attribute != 8 || value < 0 || size_t(value) > SHARED_LIMIT) {
    return fail(INVALID_VALUE, "invalid argument");
  }
  function->sharedLimit = value;
  return SUCCESS;
}

static Address allocate(size_t bytes) {
#if defined(__SANITIZE_ADDRESS__)
  auto* block = static_cast<char*>(std::malloc(bytes));
#else
  auto* block = static_cast<char*>(std::aligned_alloc(64, (bytes + 63) / 64 * 64 + 2 * FENCE));
  std::memset(block, GUARD, bytes + 2 * FENCE);
  block += FENCE;
#endif
  std::memset(block, 0xFF, bytes);
  memory[reinterpret_cast<Address>(block)] = bytes;
  return reinterpret_cast<Address>(block);
}

Result cuMemAlloc_v2(Address* at, size_t bytes) {
  NEEDS_CONTEXT;
  if (bytes == 0) return fail(INVALID_VALUE, "invalid argument");
  if (allocated + bytes > capacity()) return fail(OUT_OF_MEMORY, "out of memory");
  *at = allocate(bytes);
  allocated += bytes;
  return SUCCESS;
}

// Not limited by the device's memory, as pages move to the CPU's.
Result cuMemAllocManaged(Address* at, size_t bytes, unsigned flags) {
  NEEDS_CONTEXT;
  if (bytes == 0 || flags != 1 || !unified()) return fail(INVALID_VALUE, "invalid argument");
  if (managed.size() == unifiedBlocks()) return fail(OUT_OF_MEMORY, "out of memory");
  *at = allocate(bytes);
  managed.insert(*at);
  return SUCCESS;
}

Result cuMemPrefetchAsync(Address at, size_t bytes, int device, Stream* stream) {
  NEEDS_CONTEXT;
  auto found = holder(memory, at, bytes);
  if (found == memory.end() || managed.count(found->first) == 0 || bytes == 0) {
    return fail(INVALID_VALUE, "a prefetch of memory that is not unified");
  }
  if (device < -1 || device >= DEVICES) return fail(INVALID_DEVICE, "invalid device ordinal");
  stream->push([] { return SUCCESS; });
  return SUCCESS;
}

Result cuMemsetD8Async(Address at, unsigned value, size_t bytes, Stream* stream) {
  NEEDS_CONTEXT;
  if (holder(memory, at, bytes) == memory.end()) return fail(INVALID_VALUE, "invalid argument");
  stream->push([=] {
    std::memset(reinterpret_cast<void*>(at), static_cast<int>(value), bytes);
    return SUCCESS;
  });
  return SUCCESS;
}

Result cuMemFree_v2(Address at) {
  NEEDS_CONTEXT;
  auto found = memory.find(at);
  if (found == memory.end()) return fail(INVALID_VALUE, "invalid argument");
  if (managed.erase(at) == 0) allocated -= found->second;
  memory.erase(found);
#if defined(__SANITIZE_ADDRESS__)
  std::free(reinterpret_cast<void*>(at));
#else
  std::free(reinterpret_cast<char*>(at) - FENCE);
#endif
  return SUCCESS;
}

Result cuMemHostAlloc(void** at, size_t bytes, unsigned) {
  NEEDS_CONTEXT;
  size_t locked = 0;
  for (const auto& block : pinned) locked += block.second;
  if (locked + bytes > PAGE_LOCKED) return fail(OUT_OF_MEMORY, "out of memory");
  *at = std::malloc(bytes);
  std::memset(*at, 0xFF, bytes);
  pinned[reinterpret_cast<Address>(*at)] = bytes;
  return SUCCESS;
}

Result cuMemFreeHost(void* at) {
  NEEDS_CONTEXT;
  if (pinned.erase(reinterpret_cast<Address>(at)) == 0) return fail(INVALID_VALUE, "invalid argument");
  std::free(at);
  return SUCCESS;
}

static Result copy(Address to, Address from, Address device, Address host, size_t bytes, Stream* stream) {
  if (holder(memory, device, bytes) == memory.end() || holder(pinned, host, bytes) == pinned.end()) {
    return fail(INVALID_VALUE, "a copy between memory that was not allocated for it");
  }
  stream->push([=] {
    std::memcpy(reinterpret_cast<void*>(to), reinterpret_cast<void*>(from), bytes);
    return SUCCESS;
  });
  return SUCCESS;
}

Result cuMemcpyHtoDAsync_v2(Address to, Address from, size_t bytes, Stream* stream) {
  NEEDS_CONTEXT;
  return copy(to, from, to, from, bytes, stream);
}

Result cuMemcpyDtoHAsync_v2(Address to, Address from, size_t bytes, Stream* stream) {
  NEEDS_CONTEXT;
  return copy(to, from, from, to, bytes, stream);
}

Result cuMemcpyDtoDAsync_v2(Address to, Address from, size_t bytes, Stream* stream) {
  NEEDS_CONTEXT;
  if (holder(memory, to, bytes) == memory.end() || holder(memory, from, bytes) == memory.end()) {
    return fail(INVALID_VALUE, "a copy within a device of memory that is elsewhere");
  }
  stream->push([=] {
    std::memcpy(reinterpret_cast<void*>(to), reinterpret_cast<void*>(from), bytes);
    return SUCCESS;
  });
  return SUCCESS;
}

Result cuStreamCreate(Stream** stream, unsigned) {
  NEEDS_CONTEXT;
  *stream = new Stream();
  return SUCCESS;
}

Result cuStreamQuery(Stream* stream) {
  NEEDS_CONTEXT;
  if (stream->capturing) return fail(INVALID_VALUE, "a stream that captures cannot be asked");
  return drain(stream, stream->queue.size());
}

/// Not of the real library: work of another stand-in. It returns NOT_READY while it has to wait.
Result standinPush(Stream* stream, Result (*work)(void*), void* state) {
  NEEDS_CONTEXT;
  stream->push([=] { return work(state); });
  return SUCCESS;
}

/// Not of the real library: work that is not done before standinGoOn.
Result standinStall(Stream* stream) {
  NEEDS_CONTEXT;
  stalled = true;
  stream->push([] { return stalled ? NOT_READY : SUCCESS; });
  return SUCCESS;
}

Result standinGoOn() {
  stalled = false;
  return SUCCESS;
}

Result cuStreamDestroy_v2(Stream* stream) {
  NEEDS_CONTEXT;
  delete stream;
  return SUCCESS;
}

Result cuStreamBeginCapture_v2(Stream* stream, int) {
  NEEDS_CONTEXT;
  if (stream->capturing) return fail(INVALID_VALUE, "the stream captures already");
  stream->capturing = true;
  return SUCCESS;
}

Result cuStreamEndCapture(Stream* stream, Work** graph) {
  NEEDS_CONTEXT;
  if (!stream->capturing) return fail(INVALID_VALUE, "the stream does not capture");
  *graph = new Work(std::move(stream->captured));
  stream->captured.clear();
  stream->capturing = false;
  return SUCCESS;
}

Result cuGraphInstantiateWithFlags(Work** executable, Work* graph, unsigned long long) {
  NEEDS_CONTEXT;
  *executable = new Work(*graph);
  return SUCCESS;
}

Result cuGraphLaunch(Work* executable, Stream* stream) {
  NEEDS_CONTEXT;
  for (auto& work : *executable) stream->push(work);
  return SUCCESS;
}

Result cuGraphDestroy(Work* graph) {
  NEEDS_CONTEXT;
  delete graph;
  return SUCCESS;
}

Result cuGraphExecDestroy(Work* executable) {
  NEEDS_CONTEXT;
  delete executable;
  return SUCCESS;
}

Result cuEventCreate(Event** event, unsigned flags) {
  NEEDS_CONTEXT;
  *event = new Event{(flags & 2) == 0};
  return SUCCESS;
}

Result cuEventRecord(Event* event, Stream* stream) {
  NEEDS_CONTEXT;
  if (stream->capturing) return fail(INVALID_VALUE, "events are not captured here");
  event->stream = stream;
  event->passed = false;
  if (event->timed) {
    stream->push([=] {
      event->time = Clock::now();
      event->passed = true;
      return SUCCESS;
    });
  }
  event->after = stream->queue.size();
  return SUCCESS;
}

Result cuEventElapsedTime(float* milliseconds, Event* start, Event* end) {
  NEEDS_CONTEXT;
  if (!start->timed || !end->timed) return fail(INVALID_HANDLE, "an event without a time");
  if (!start->passed || !end->passed) return fail(NOT_READY, "an event has not come to pass");
  *milliseconds = std::chrono::duration<float, std::milli>(end->time - start->time).count();
  return SUCCESS;
}

Result cuEventQuery(Event* event) {
  NEEDS_CONTEXT;
  return event->stream == nullptr ? SUCCESS : drain(event->stream, event->after);
}

Result cuEventDestroy_v2(Event* event) {
  NEEDS_CONTEXT;
  delete event;
  return SUCCESS;
}

Result cuLaunchKernel(Function* function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by,
                      unsigned bz, unsigned bytes, Stream* stream, void** parameters, void**) {
  NEEDS_CONTEXT;
  size_t threads = size_t(bx) * by * bz;
  bool fits = gx > 0 && gy > 0 && gz > 0 && gy <= 65535 && gz <= 65535 && threads > 0 && threads <= 1024;
  if (!fits || bytes > function->sharedLimit) return fail(INVALID_VALUE, "invalid argument");
  const emulation::Kernel* kernel = function->kernel;
  std::vector<std::vector<char>> values;
  for (size_t i = 0; i < kernel->sizes.size(); i++) {
    auto* from = static_cast<char*>(parameters[i]);
    values.emplace_back(from, from + kernel->sizes[i]);
  }
  stream->push([=] {
    return launch(*kernel, {gx, gy, gz}, {bx, by, bz}, bytes, values);
  });
  return SUCCESS;
}
}
