#include "mnist_train/engine.h"

#include <algorithm>
#include <utility>

#include "kernels/kernels.h"
#include "mnist_train/error.h"
#include "train/autograd_engine.h"
#include "train/sparse_engine.h"
#include "train/sparse_model.h"

namespace mnist {
namespace {

/// Whether batches and layers are so large that dense matrix products are faster. The limit was
/// measured with scripts/bench.sh.
bool favours_dense(const TrainingOptions& options) {
  constexpr std::int64_t kLargest = 1 << 20;
  return widest_step(options) > kLargest;
}

}  // namespace

std::int64_t widest_step(const TrainingOptions& options) {
  std::int64_t widest = 0;
  for (const std::int64_t width : options.hidden) widest = std::max(widest, width);
  return options.batch * widest;
}

SparseForms sparse_forms(const DataSplits& data) {
  return {sparse_form(data.train), sparse_form(data.validation)};
}

EngineKind preferred_engine(EngineKind kind, const TrainingOptions& options, torch::Device device) {
  if (kind != EngineKind::kAuto) return kind;
  if (!device.is_cpu()) return EngineKind::kAutograd;
  return favours_dense(options) ? EngineKind::kAutograd : EngineKind::kSparse;
}

EngineChoice make_engine(EngineKind kind, Mlp model, const DataSplits& data,
                         const TrainingOptions& options, SparseForms forms, torch::Device device) {
  const auto autograd = [&](const char* reason) -> EngineChoice {
    const bool distorts = options.augment.kind != Augment::kNone;
    if (distorts && !forms.train) forms.train = sparse_form(data.train);
    if (distorts && !forms.train) {
      fail(ExitCode::kUsage,
           "--augment: expected pixels that are multiples of 1/255, found others; leave it out");
    }
    return {std::make_unique<AutogradEngine>(std::move(model), data, options, forms.train, device),
            reason};
  };
  if (preferred_engine(kind, options, device) == EngineKind::kAutograd) {
    if (kind == EngineKind::kAutograd) return autograd("as asked");
    const bool is_faster = device.is_cpu() ? favours_dense(options) : favours_gpu(options);
    return autograd(is_faster ? "faster than sparse for batches and layers this large"
                              : "since sparse computes on the processor only");
  }
  if (!forms.train) forms.train = sparse_form(data.train);
  if (forms.train) {
    if (!forms.validation) forms.validation = sparse_form(data.validation);
    std::string reason = kind == EngineKind::kSparse ? "as asked" : "faster than autograd";
    if (!has_fused_multiply_add()) {
      reason += "; the last digits are not those of processors with fused multiply-add";
    }
    return {std::make_unique<SparseEngine>(std::move(model), data, std::move(forms), options),
            std::move(reason)};
  }
  if (kind == EngineKind::kAuto) return autograd("sparse needs pixels that are multiples of 1/255");
  fail(ExitCode::kUsage,
       "--engine sparse: expected pixels that are multiples of 1/255, found others; use --engine "
       "autograd");
}

}  // namespace mnist
