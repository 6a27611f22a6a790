#include "train/runtime.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <dlfcn.h>
#include <torch/version.h>

#include <cstddef>

namespace mnist {
namespace {

/// A function of OpenBLAS, or null if this LibTorch uses another BLAS. We do not link it.
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
  // Two pools on the same CPUs spin against each other while they wait. Matrix products are what
  // threads are for here, so OpenBLAS gets them all. With another BLAS, LibTorch's setting is the
  // one.
  auto* const set_openblas = find_function<void(int)>("openblas_set_num_threads");
  at::set_num_threads(set_openblas == nullptr ? threads : 1);
  if (set_openblas != nullptr) set_openblas(threads);
}

std::string version_text() {
  return "mnist-train " MNIST_TRAIN_VERSION "\nLibTorch " TORCH_VERSION "\nBLAS " + blas() +
         "\nCPU capability " + from_torch_config("CPU capability usage: ");
}

}  // namespace mnist
