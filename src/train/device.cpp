#include <ATen/Context.h>
#include <torch/cuda.h>

#include "mnist_train/engine.h"
#include "mnist_train/error.h"

namespace mnist {

Gpus find_gpus() {
  const auto count = static_cast<int>(torch::cuda::device_count());
  if (count > 0) return {count, ""};
  if (!at::Context::hasCUDART()) return {0, "this LibTorch was built without CUDA"};
  return {0, "LibTorch found no GPU with a driver that works"};
}

bool favours_gpu(const TrainingOptions& options) {
  constexpr std::int64_t kLargest = 1 << 15;  // bench/README.md, "A GPU"
  return widest_step(options) > kLargest;
}

torch::Device choose_device(const std::string& name, EngineKind kind,
                            const TrainingOptions& options, const std::function<Gpus()>& find) {
  if (name == "cpu") return torch::kCPU;
  if (name == "auto") {
    const bool may_be_gpu = favours_gpu(options) && kind != EngineKind::kSparse;
    if (may_be_gpu && find().count > 0) return {torch::kCUDA, 0};
    return torch::kCPU;
  }
  if (kind == EngineKind::kSparse) {
    fail(ExitCode::kUsage,
         "--device {}: expected the engine autograd, since sparse computes on the processor only; "
         "use --engine autograd, or --device cpu",
         name);
  }
  const Gpus gpus = find();
  if (gpus.count == 0) {
    fail(ExitCode::kUsage,
         "--device {}: expected a CUDA device, found none, since {}; use --device cpu", name,
         gpus.why_none);
  }
  const torch::Device device(name);
  const int index = device.has_index() ? device.index() : 0;
  if (index >= gpus.count) {
    fail(ExitCode::kUsage, "--device {}: expected one from cuda:0 to cuda:{}, found no such GPU",
         name, gpus.count - 1);
  }
  return {torch::kCUDA, static_cast<torch::DeviceIndex>(index)};
}

}  // namespace mnist
