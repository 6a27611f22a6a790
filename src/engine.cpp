#include "mnist_train/engine.h"

#include <optional>
#include <utility>

#include "mnist_train/autograd_engine.h"
#include "mnist_train/error.h"
#include "mnist_train/sparse_engine.h"

namespace mnist {

EngineChoice make_engine(EngineKind kind, Mlp model, const Dataset& data,
                         const TrainingOptions& options) {
  if (kind == EngineKind::kAutograd) {
    return {std::make_unique<AutogradEngine>(std::move(model), data, options), "as asked"};
  }
  const torch::Tensor images = data.images.contiguous();
  std::optional<SparseImages> sparse =
      compress(images.data_ptr<float>(), static_cast<std::size_t>(data.size()));
  if (sparse) {
    return {std::make_unique<SparseEngine>(std::move(model), data, *std::move(sparse), options),
            kind == EngineKind::kSparse ? "as asked" : "the faster one here"};
  }
  if (kind == EngineKind::kSparse) {
    throw Error(ExitCode::kUsage,
                "--engine sparse: expected pixels that are whole multiples of 1/255, found others; "
                "use --engine autograd");
  }
  return {std::make_unique<AutogradEngine>(std::move(model), data, options),
          "sparse needs pixels that are multiples of 1/255"};
}

}  // namespace mnist
