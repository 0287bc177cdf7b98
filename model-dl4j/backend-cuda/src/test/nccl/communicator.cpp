// A libnccl.so.2 for machines without a GPU: the functions that sums call, for ranks on one machine, over the stand-in
// driver. Ranks meet in a file that all of them map.
//
// As the real one where that matters: no call waits, a sum goes on when its stream is asked for, a rank that does not
// come leaves the others waiting until they abort, and what the library is given is looked at.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>

using Result = int;
struct Stream;

extern "C" int standinPush(Stream* stream, int (*work)(void*), void* state);

namespace {
constexpr Result SUCCESS = 0;
constexpr Result SYSTEM_ERROR = 2;
constexpr Result INVALID_ARGUMENT = 4;
constexpr Result IN_PROGRESS = 7;
constexpr int STREAM_NOT_READY = 600;
constexpr int FLOAT = 7;
constexpr int SUM = 0;
constexpr int MOST_RANKS = 8;
constexpr size_t CHUNK = 1 << 16;

struct Id {
  char name[128];
};

struct Config {
  size_t size;
  unsigned magic;
  unsigned version;
  int blocking;
};

struct Shared {
  std::atomic<int> joined;
  std::atomic<long> posted[MOST_RANKS];
  std::atomic<long> taken[MOST_RANKS];
  float slots[MOST_RANKS][CHUNK];
};

struct Group {
  Shared* shared;
  std::string file;
  int rank;
  int size;
  long turn = 0;
  std::atomic<bool> aborted{false};
  std::atomic<int> pending{2};  // questions that are answered by "in progress" even so

  ~Group() {
    munmap(shared, sizeof(Shared));
    unlink(file.c_str());
  }
};

struct Communicator {
  std::shared_ptr<Group> group;
};

struct Pending {
  std::shared_ptr<Group> group;
  float* at;
  size_t count;
  size_t done = 0;
  bool posted = false;
};

std::atomic<int> broken{SUCCESS};
std::atomic<bool> hanging{false};
std::atomic<int> version{21805};
std::atomic<int> ids{0};
thread_local std::string detail;

Result fail(Result code, const char* text) {
  detail = text;
  return code;
}

bool all(const Group& group, const std::atomic<long>* counts, long turn) {
  return std::all_of(counts, counts + group.size, [=](const std::atomic<long>& count) { return count >= turn; });
}

/// Takes a sum as far as the other ranks allow.
int progress(void* state) {
  auto* sum = static_cast<Pending*>(state);
  Group& group = *sum->group;
  Shared& shared = *group.shared;
  while (sum->done < sum->count && !group.aborted) {
    size_t n = std::min(CHUNK, sum->count - sum->done);
    if (!sum->posted) {
      if (!all(group, shared.taken, group.turn)) return STREAM_NOT_READY;
      std::memcpy(shared.slots[group.rank], sum->at + sum->done, n * sizeof(float));
      shared.posted[group.rank] = ++group.turn;
      sum->posted = true;
    }
    if (!all(group, shared.posted, group.turn)) return STREAM_NOT_READY;
    for (size_t i = 0; i < n; i++) {
      float total = 0;
      for (int rank = 0; rank < group.size; rank++) total += shared.slots[rank][i];
      sum->at[sum->done + i] = total;
    }
    shared.taken[group.rank] = group.turn;
    sum->posted = false;
    sum->done += n;
  }
  delete sum;
  return SUCCESS;
}
}  // namespace

extern "C" {
Result ncclGetVersion(int* code) {
  *code = version;
  return SUCCESS;
}

const char* ncclGetErrorString(Result code) {
  switch (code) {
    case SYSTEM_ERROR: return "unhandled system error";
    case INVALID_ARGUMENT: return "invalid argument";
    case 6: return "remote process exited or there was a network error";
    default: return "unknown result code";
  }
}

const char* ncclGetLastError(Communicator*) { return detail.c_str(); }

Result ncclGetUniqueId(Id* id) {
  std::memset(id, 0, sizeof(*id));
  std::snprintf(id->name, sizeof(id->name), "/tmp/standin-nccl-%d-%d", int(getpid()), ids++);
  int file = open(id->name, O_RDWR | O_CREAT | O_EXCL, 0600);
  if (file < 0) return fail(SYSTEM_ERROR, "the file of the group cannot be made");
  int made = ftruncate(file, sizeof(Shared));
  close(file);
  return made == 0 ? SUCCESS : fail(SYSTEM_ERROR, "the file of the group cannot be made");
}

Result ncclCommInitRankConfig(Communicator** out, int size, Id id, int rank, Config* config) {
  if (config->size != sizeof(Config) || config->magic != 0xcafebeef || config->version != 21400) {
    return fail(INVALID_ARGUMENT, "the settings are not those of 2.14");
  }
  if (config->blocking != 0 || size > MOST_RANKS || rank < 0 || rank >= size) {
    return fail(INVALID_ARGUMENT, "a rank, a number of ranks or a setting is wrong");
  }
  int file = open(id.name, O_RDWR);
  if (file < 0) return fail(SYSTEM_ERROR, "there is no such group");
  void* at = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (at == MAP_FAILED) return fail(SYSTEM_ERROR, "the file of the group cannot be mapped");
  auto* communicator = new Communicator{std::make_shared<Group>()};
  communicator->group->shared = static_cast<Shared*>(at);
  communicator->group->file = id.name;
  communicator->group->rank = rank;
  communicator->group->size = size;
  communicator->group->shared->joined++;
  *out = communicator;
  return IN_PROGRESS;
}

Result ncclCommGetAsyncError(Communicator* communicator, Result* state) {
  Group& group = *communicator->group;
  if (broken != SUCCESS) {
    fail(broken, "planted");
    *state = broken;
  } else {
    bool busy = group.shared->joined < group.size || group.pending-- > 0;
    *state = busy ? IN_PROGRESS : SUCCESS;
  }
  return SUCCESS;
}

Result ncclAllReduce(const void* from, void* to, size_t count, int type, int operation, Communicator* communicator,
                     Stream* stream) {
  if (from != to || type != FLOAT || operation != SUM) return fail(INVALID_ARGUMENT, "only sums of floats in place");
  communicator->group->pending = 2;
  auto* sum = new Pending{communicator->group, static_cast<float*>(to), count};
  return standinPush(stream, progress, sum) == 0 ? IN_PROGRESS : fail(INVALID_ARGUMENT, "no such stream");
}

Result ncclCommAbort(Communicator* communicator) {
  constexpr int LONG_ENOUGH = 5000;
  for (int i = 0; hanging && i < LONG_ENOUGH; i++) usleep(1000);
  communicator->group->aborted = true;
  delete communicator;
  return SUCCESS;
}

/// Not of the real library: every communicator is in that state from now on.
Result standinBreak(int state) {
  broken = state;
  return SUCCESS;
}

/// Not of the real library: whether aborting does not come back for some seconds.
Result standinHang(int hangs) {
  hanging = hangs != 0;
  return SUCCESS;
}

/// Not of the real library: what it says its version is.
Result standinVersion(int code) {
  version = code;
  return SUCCESS;
}
}
