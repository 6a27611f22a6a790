#include "mnist_train/engine.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "mnist_train/error.h"
#include "train/autograd_engine.h"
#include "train/sparse_engine.h"

namespace mnist {

namespace {

/// Whether batches and layers are so large that dense matrix products win (measured:
/// scripts/bench.sh).
bool favours_dense(const TrainingOptions& options) {
  constexpr std::int64_t kLargest = 1 << 20;
  std::int64_t widest = 0;
  for (const std::int64_t width : options.hidden) widest = std::max(widest, width);
  return options.batch * widest > kLargest;
}

}  // namespace

EngineChoice make_engine(EngineKind kind, Mlp model, const Dataset& data,
                         const TrainingOptions& options) {
  const auto autograd = [&](const std::string& reason) -> EngineChoice {
    return {std::make_unique<AutogradEngine>(std::move(model), data, options), reason};
  };
  if (kind == EngineKind::kAutograd) return autograd("as asked");
  if (kind == EngineKind::kAuto && favours_dense(options)) {
    return autograd("faster than sparse for batches and layers this large");
  }
  if (std::shared_ptr<const SparseImages> images = sparse_form(data)) {
    return {std::make_unique<SparseEngine>(std::move(model), data, std::move(images), options),
            kind == EngineKind::kSparse ? "as asked" : "faster than autograd"};
  }
  if (kind == EngineKind::kAuto) return autograd("sparse needs pixels that are multiples of 1/255");
  throw Error(ExitCode::kUsage,
              "--engine sparse: expected pixels that are multiples of 1/255, found others; use "
              "--engine autograd");
}

}  // namespace mnist
