#include "train/engine.h"

#include <utility>

#include "train/autograd_engine.h"
#include "train/runtime.h"
#include "train/sparse_engine.h"

namespace mnist {

std::unique_ptr<Engine> make_engine(const Plan& plan, Mlp model, const DataSplits& data,
                                    const TrainingOptions& options) {
  flush_denormals();  // before the threads of the BLAS start, which inherit this
  if (plan.engine == EngineKind::kAutograd) {
    set_threads(plan.threads);
    return std::make_unique<AutogradEngine>(std::move(model), data, options, plan.threads,
                                            plan.device);
  }
  set_threads(1);  // LibTorch's threads are in the way where they have nothing to do
  return std::make_unique<SparseEngine>(std::move(model), data, options, plan.threads);
}

}  // namespace mnist
