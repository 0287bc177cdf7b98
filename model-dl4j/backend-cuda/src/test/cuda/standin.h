// What the emulation offers to the stand-in driver.
#pragma once

#include <string>
#include <vector>

#include "emulation.h"

constexpr size_t SHARED_LIMIT = 96 << 10;

namespace emulation {
struct Kernel {
  std::string name;
  void* function;
  Trampoline trampoline;
  std::vector<size_t> sizes;
};

enum class Order { ASCENDING, DESCENDING };

/// The kernel of that name, or null.
const Kernel* find(const std::string& name);

/// Runs all blocks; what went wrong, or nothing.
std::string run(
    const Kernel& kernel, Index3 grid, Index3 block, size_t bytes, void** parameters, Order order);
}  // namespace emulation
