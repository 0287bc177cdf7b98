// Runs kernels on the CPU: a fibre per thread, block after block, one operating-system thread.
//
// Between two barriers of the block one warp after the other is run. Threads, warps and blocks are taken in ascending or
// in descending order: what does not wait where it must gives different results, which the stand-in driver looks for.
// Shared memory is NaN at first; bytes after it are guarded.
#include "emulation.h"

#include <sys/mman.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "standin.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

Index3 threadIdx, blockIdx, blockDim, gridDim;
alignas(128) float shared[SHARED_LIMIT / sizeof(float) + 64];

// Saves the registers that a function must keep, and goes on with another stack.
extern "C" void emulation_switch(void** from, void* to);
asm(R"(
.text
.globl emulation_switch
.type emulation_switch, @function
emulation_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size emulation_switch, .-emulation_switch
)");

namespace emulation {
namespace {
constexpr size_t STACK = 128 << 10;
// Stacks begin at different lines of a page: else all of them would compete for the same few places of the caches.
constexpr size_t STAGGER = 5 * 64;
constexpr int STAGGERED = 64;
constexpr int LANES = 32;
constexpr unsigned char GUARD = 0xA5;

enum class State : unsigned char { READY, AT_BLOCK_BARRIER, AT_WARP_BARRIER, DONE };

struct Fibre {
  Index3 index;
  int parity;
  void* stack;
  char* memory = nullptr;
  void* fake = nullptr;
};

struct Warp {
  uint64_t slots[2][LANES];
};

std::map<std::string, Kernel>& kernels() {
  static std::map<std::string, Kernel> all;
  return all;
}

std::vector<Fibre> fibres;
std::vector<State> states;
std::vector<Warp> warps;
int current;
void* scheduler;
const void* schedulerBottom;
size_t schedulerSize;
const Kernel* running;
void** arguments;

// Of the warp that runs: how one comes to the next thread, past the last one, and how many wait for the others.
int step;
int past;
int waiting;

/// What a fibre does when it goes on: tells AddressSanitizer whose stack that is.
void arrive(void* fake) {
#if defined(__SANITIZE_ADDRESS__)
  const void* bottom;
  size_t size;
  __sanitizer_finish_switch_fiber(fake, &bottom, &size);
  if (schedulerBottom == nullptr) {
    schedulerBottom = bottom;
    schedulerSize = size;
  }
#endif
  (void)fake;
}

/// Goes on with the next thread of the warp if it can, otherwise with the scheduler.
void leave(bool forGood) {
  Fibre& fibre = fibres[current];
  int next = current + step;
  bool within = next != past && states[next] == State::READY;
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(
      forGood ? nullptr : &fibre.fake,
      within ? fibres[next].memory : schedulerBottom,
      within ? STACK : schedulerSize);
#endif
  if (within) {
    current = next;
    threadIdx = fibres[next].index;
  }
  emulation_switch(&fibre.stack, within ? fibres[next].stack : scheduler);
  arrive(fibre.fake);
  (void)forGood;
}

void body() {
  arrive(nullptr);
  running->trampoline(running->function, arguments);
  states[current] = State::DONE;
  leave(true);
  __builtin_trap();
}

void prepare(int index) {
  Fibre& fibre = fibres[index];
  if (fibre.memory == nullptr) {
    void* memory =
        mmap(nullptr, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    fibre.memory = static_cast<char*>(memory);
  }
  // Six registers, the address that the first switch returns to, and one word as if body had been called.
  size_t above = 64 + index % STAGGERED * STAGGER;
  void** top = reinterpret_cast<void**>(fibre.memory + STACK - above);
  top[-1] = nullptr;
  top[-2] = reinterpret_cast<void*>(&body);
  for (int i = 3; i <= 8; i++) {
    top[-i] = nullptr;
  }
  fibre.stack = top - 8;
  fibre.parity = 0;
  states[index] = State::READY;
}

/// Runs a thread, and those after it, as far as they come.
void resume(int index) {
  current = index;
  threadIdx = fibres[index].index;
#if defined(__SANITIZE_ADDRESS__)
  void* fake = nullptr;
  schedulerBottom = nullptr;
  __sanitizer_start_switch_fiber(&fake, fibres[index].memory, STACK);
#endif
  emulation_switch(&scheduler, fibres[index].stack);
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(fake, nullptr, nullptr);
#endif
}

/// Runs a warp until its threads have ended, wait for the block, or for threads of their own that never come.
void runWarp(int first, int end, Order order) {
  bool ascending = order == Order::ASCENDING;
  step = ascending ? 1 : -1;
  past = ascending ? end : first - 1;
  bool together;
  do {
    waiting = 0;
    for (int i = ascending ? first : end - 1; i != past; i += step) {
      if (states[i] == State::READY) {
        resume(i);
      }
    }
    together = waiting == end - first;
    if (together) {
      std::fill(states.begin() + first, states.begin() + end, State::READY);
    }
  } while (together);
}

std::string runBlock(int count, Order order) {
  for (int i = 0; i < count; i++) {
    prepare(i);
  }
  int number = (count + LANES - 1) / LANES;
  while (true) {
    for (int i = 0; i < number; i++) {
      int first = LANES * (order == Order::ASCENDING ? i : number - 1 - i);
      runWarp(first, std::min(first + LANES, count), order);
    }
    auto end = states.begin() + count;
    if (std::count(states.begin(), end, State::DONE) == count) {
      return "";
    }
    if (std::count(states.begin(), end, State::AT_BLOCK_BARRIER) != count) {
      return "threads wait at a barrier that others never reach";
    }
    std::fill(states.begin(), end, State::READY);
  }
}

void guardShared(size_t bytes) {
  std::memset(shared, 0xFF, bytes);
  std::memset(reinterpret_cast<char*>(shared) + bytes, GUARD, 64);
#if defined(__SANITIZE_ADDRESS__)
  ASAN_POISON_MEMORY_REGION(reinterpret_cast<char*>(shared) + bytes, sizeof(shared) - bytes);
#endif
}

bool sharedIsWhole(size_t bytes) {
#if defined(__SANITIZE_ADDRESS__)
  ASAN_UNPOISON_MEMORY_REGION(shared, sizeof(shared));
#endif
  for (int i = 0; i < 64; i++) {
    if (reinterpret_cast<unsigned char*>(shared)[bytes + i] != GUARD) {
      return false;
    }
  }
  return true;
}
}  // namespace

void add(const char* name, void* kernel, Trampoline trampoline, const size_t* sizes, int count) {
  kernels()[name] = Kernel{name, kernel, trampoline, std::vector<size_t>(sizes, sizes + count)};
}

const Kernel* find(const std::string& name) {
  auto found = kernels().find(name);
  return found == kernels().end() ? nullptr : &found->second;
}

void blockBarrier() {
  states[current] = State::AT_BLOCK_BARRIER;
  leave(false);
}

uint64_t exchange(uint64_t value, int mask) {
  int index = current;
  Fibre& fibre = fibres[index];
  Warp& warp = warps[index / LANES];
  int parity = fibre.parity;
  fibre.parity ^= 1;
  warp.slots[parity][index % LANES] = value;
  states[index] = State::AT_WARP_BARRIER;
  waiting++;
  leave(false);
  return warp.slots[parity][(index % LANES) ^ mask];
}

std::string run(const Kernel& kernel, Index3 grid, Index3 block, size_t bytes, void** parameters, Order order) {
  running = &kernel;
  arguments = parameters;
  gridDim = grid;
  blockDim = block;
  int count = block.x * block.y * block.z;
  if (fibres.size() < static_cast<size_t>(count)) {
    fibres.resize(count);
    states.resize(count);
    warps.resize((count + LANES - 1) / LANES);
  }
  for (int i = 0; i < count; i++) {
    fibres[i].index = {i % block.x, i / block.x % block.y, i / block.x / block.y};
  }
  size_t blocks = size_t(grid.x) * grid.y * grid.z;
  for (size_t i = 0; i < blocks; i++) {
    size_t b = order == Order::ASCENDING ? i : blocks - 1 - i;
    blockIdx = {unsigned(b % grid.x), unsigned(b / grid.x % grid.y), unsigned(b / grid.x / grid.y)};
    guardShared(bytes);
    std::string failure = runBlock(count, order);
    if (!sharedIsWhole(bytes) && failure.empty()) {
      failure = "shared memory was written beyond its " + std::to_string(bytes) + " bytes";
    }
    if (!failure.empty()) {
      return failure;
    }
  }
  return "";
}
}  // namespace emulation
