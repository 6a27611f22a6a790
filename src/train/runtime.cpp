#include "train/runtime.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <dlfcn.h>
#include <torch/version.h>

#include <algorithm>
#include <cstddef>
#include <new>

#include "base/process.h"

namespace mnist {
namespace {

/// A function of OpenBLAS or OpenMP, or null if this LibTorch does not use it. We do not link them.
template <typename Function>
Function* find_function(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_DEFAULT, name));
}

/// The text after `key` in LibTorch's description of itself, up to a comma or the end of the line.
std::string from_torch_config(const std::string& key) {
  const std::string config = at::show_config();
  const std::size_t at = config.find(key);
  if (at == std::string::npos) return "unknown";
  const std::size_t begin = at + key.size();
  return config.substr(begin, config.find_first_of(",\n", begin) - begin);
}

std::string blas() {
  auto* const config = find_function<char*()>("openblas_get_config");
  return config != nullptr ? config() : from_torch_config("BLAS_INFO=");
}

}  // namespace

void set_threads(int threads) {
  // This also creates a pool that we never use, whose threads spin at first: at most one per CPU.
  // The pools that compute get exactly `threads`, because the number affects rounding.
  at::set_num_threads(std::min(threads, usable_cpus()));
  for (const char* name : {"omp_set_num_threads", "openblas_set_num_threads"}) {
    if (auto* const set = find_function<void(int)>(name)) set(threads);
  }
}

void expect_room_for_blas() {
  constexpr std::size_t kBytes = std::size_t{160} << 20;  // Debian's OpenBLAS takes 128 MiB, once
  [[maybe_unused]] static const bool has_room = [] {
    ::operator delete(::operator new(kBytes));  // unlike `new char[]`, never left out
    return true;
  }();
}

std::string version_text() {
  return "mnist-train " MNIST_TRAIN_VERSION "\nLibTorch " TORCH_VERSION "\nBLAS " + blas() +
         "\nCPU capability " + from_torch_config("CPU capability usage: ");
}

}  // namespace mnist
