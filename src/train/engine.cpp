#include "train/engine.h"

#include <ATen/Context.h>
#include <torch/cuda.h>

#include <algorithm>
#include <utility>

#include "base/fail.h"
#include "train/runtime.h"

namespace mnist {
namespace {

/// The number of outputs of the widest hidden layer for a batch: the size of the matrix products.
std::int64_t outputs_per_batch(const TrainingOptions& training) {
  std::int64_t widest = 0;
  for (const std::int64_t size : training.hidden) widest = std::max(widest, size);
  return training.batch * widest;
}

// Above these, measured with scripts/bench.sh, dense matrix products are faster than the sparse
// engine, and a GPU is several times as fast as a CPU (docs/speed.md, "GPUs").
constexpr std::int64_t kDense = std::int64_t{1} << 20;
constexpr std::int64_t kGpu = std::int64_t{1} << 15;

torch::Device choose_device(const ComputeOptions& compute, const TrainingOptions& training,
                            const std::function<Gpus()>& find) {
  const std::string& name = compute.device;
  if (name == "cpu") return torch::kCPU;
  if (name == "auto") {
    const bool may_be_gpu =
        outputs_per_batch(training) > kGpu && compute.engine != EngineKind::kSparse;
    return may_be_gpu && find().count > 0 ? torch::Device(torch::kCUDA, 0) : torch::kCPU;
  }
  if (compute.engine == EngineKind::kSparse) {
    fail(ErrorKind::kUsage, "device {}: the sparse engine runs on the CPU only", name);
  }
  const Gpus gpus = find();
  const torch::Device device(name);
  const int index = device.has_index() ? device.index() : 0;
  if (index >= gpus.count) {
    fail(ErrorKind::kUsage, "device {}: no such GPU ({})", name,
         gpus.count == 0 ? gpus.why_none : fmt::format("found {}", gpus.count));
  }
  return {torch::kCUDA, static_cast<torch::DeviceIndex>(index)};
}

}  // namespace

Gpus find_gpus() {
  const auto count = static_cast<int>(torch::cuda::device_count());
  if (count > 0) return {count, ""};
  return {0, at::Context::hasCUDART() ? "LibTorch found no GPU with a working driver"
                                      : "this LibTorch was built without CUDA"};
}

Plan make_plan(const ComputeOptions& compute, const TrainingOptions& training,
               const std::function<Gpus()>& find) {
  Plan plan{compute.engine, choose_device(compute, training, find), compute.threads, "as asked"};
  if (plan.engine != EngineKind::kAuto) return plan;
  const bool is_large = outputs_per_batch(training) > (plan.device.is_cpu() ? kDense : kGpu);
  const bool is_dense = is_large || !plan.device.is_cpu();
  plan.engine = is_dense ? EngineKind::kAutograd : EngineKind::kSparse;
  plan.reason = is_large   ? "faster than sparse for batches and layers this large"
                : is_dense ? "sparse runs on the CPU only"
                           : "faster than autograd";
  return plan;
}

std::unique_ptr<Engine> make_engine(const Plan& plan, Mlp model, const Dataset& train,
                                    const TrainingOptions& options) {
  // Denormal numbers (below 1.2e-38) appear as momentum fades. They are slow on many CPUs and too
  // small to change a result. Threads that start later, as those of the BLAS, inherit this.
  at::Context::setFlushDenormal(true);
  if (plan.engine == EngineKind::kAutograd) {
    set_threads(plan.threads);
    return make_autograd_engine(std::move(model), train, options, plan.threads, plan.device);
  }
  set_threads(1);  // LibTorch's threads are in the way where they have nothing to do
  return make_sparse_engine(std::move(model), train, options, plan.threads);
}

}  // namespace mnist
