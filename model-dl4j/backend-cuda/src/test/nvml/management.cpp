// A libnvidia-ml.so.1 for machines without a GPU: the functions that the monitor calls, for the two devices of the
// stand-in driver. It counts them the other way round, as the real one may; device 1 does not measure its utilisation.
#include <cstdio>
#include <cstring>

using Result = int;

namespace {
constexpr Result SUCCESS = 0;
constexpr Result UNINITIALIZED = 1;
constexpr Result INVALID_ARGUMENT = 2;
constexpr Result NOT_SUPPORTED = 3;
constexpr Result NO_PERMISSION = 4;
constexpr Result NOT_FOUND = 6;
constexpr Result GPU_IS_LOST = 15;

struct Device {
  int ordinal;
  bool lost = false;
  bool secret = false;
  unsigned reads = 0;
};

struct Utilization {
  unsigned gpu;
  unsigned memory;
};

struct Memory {
  unsigned long long total;
  unsigned long long free;
  unsigned long long used;
};

int users;
Device devices[] = {{1}, {0}};

Result usable(const Device* device) {
  if (users == 0) return UNINITIALIZED;
  if (device != &devices[0] && device != &devices[1]) return INVALID_ARGUMENT;
  return device->lost ? GPU_IS_LOST : SUCCESS;
}
}  // namespace

extern "C" {
Result nvmlInit_v2() {
  users++;
  return SUCCESS;
}

Result nvmlShutdown() {
  if (users == 0) return UNINITIALIZED;
  users--;
  return SUCCESS;
}

const char* nvmlErrorString(Result code) {
  switch (code) {
    case UNINITIALIZED: return "Uninitialized";
    case INVALID_ARGUMENT: return "Invalid Argument";
    case NOT_SUPPORTED: return "Not Supported";
    case NO_PERMISSION: return "Insufficient Permissions";
    case NOT_FOUND: return "Not Found";
    case GPU_IS_LOST: return "GPU is lost";
    default: return "Unknown Error";
  }
}

Result nvmlDeviceGetHandleByUUID(const char* uuid, Device** device) {
  if (users == 0) return UNINITIALIZED;
  for (Device& each : devices) {
    char text[64];
    char* end = text + std::sprintf(text, "GPU-");
    for (int i = 0; i < 16; i++) {
      if (i == 4 || i == 6 || i == 8 || i == 10) *end++ = '-';
      end += std::sprintf(end, "%02x", 16 * each.ordinal + i);
    }
    if (std::strcmp(text, uuid) == 0) {
      *device = &each;
      return SUCCESS;
    }
  }
  return NOT_FOUND;
}

Result nvmlDeviceGetUtilizationRates(Device* device, Utilization* rates) {
  if (Result code = usable(device)) return code;
  if (device->ordinal == 1) return NOT_SUPPORTED;
  *rates = {40 + ++device->reads, 5};
  return SUCCESS;
}

Result nvmlDeviceGetMemoryInfo(Device* device, Memory* memory) {
  if (Result code = usable(device)) return code;
  if (device->secret) return NO_PERMISSION;
  const unsigned long long total = 80ull << 30, used = (3ull + device->ordinal) << 30;
  *memory = {total, total - used, used};
  return SUCCESS;
}

Result nvmlDeviceGetTemperature(Device* device, int sensor, unsigned* degrees) {
  if (Result code = usable(device)) return code;
  if (sensor != 0) return INVALID_ARGUMENT;
  *degrees = 61 + device->ordinal;
  return SUCCESS;
}

/// Not of the real library: whether only others may know how full a device is.
Result standinHide(int ordinal, int hidden) {
  for (Device& each : devices) {
    if (each.ordinal == ordinal) each.secret = hidden != 0;
  }
  return SUCCESS;
}

/// Not of the real library: has a device be lost, or found again.
Result standinLose(int ordinal, int lost) {
  for (Device& each : devices) {
    if (each.ordinal == ordinal) each.lost = lost != 0;
  }
  return SUCCESS;
}
}
