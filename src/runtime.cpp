#include "mnist_train/runtime.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <dlfcn.h>
#include <torch/version.h>

#include <regex>

namespace mnist {
namespace {

/// A function of OpenBLAS, or null if LibTorch uses another BLAS. It is no dependency of ours:
/// whether it is in the process is decided by the LibTorch that is installed.
template <typename Function>
Function* openblas(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_DEFAULT, name));
}

/// What follows `pattern` in LibTorch's description of itself, or "unknown".
std::string from_torch_config(const std::string& pattern) {
  const std::string config = at::show_config();
  std::smatch match;
  return std::regex_search(config, match, std::regex(pattern + "([^,\\n]+)")) ? match[1].str()
                                                                              : "unknown";
}

std::string blas() {
  auto* const config = openblas<char*()>("openblas_get_config");
  return config != nullptr ? config() : from_torch_config("BLAS_INFO=");
}

}  // namespace

void set_threads(int threads) {
  at::set_num_threads(threads);
  if (auto* const set = openblas<void(int)>("openblas_set_num_threads")) set(threads);
}

void flush_denormals() { at::Context::setFlushDenormal(true); }

std::string version_text() {
  return "mnist-train " MNIST_TRAIN_VERSION "\nLibTorch " TORCH_VERSION "\nBLAS " + blas() +
         "\nCPU capability " + from_torch_config("CPU capability usage: ");
}

}  // namespace mnist
