#include "mnist_train/engine.h"

#include "mnist_train/autograd_engine.h"

namespace mnist {

std::unique_ptr<Engine> make_engine(EngineKind /*kind*/, Mlp model, const Dataset& data,
                                    const TrainingOptions& options) {
  return std::make_unique<AutogradEngine>(std::move(model), data, options);
}

}  // namespace mnist
