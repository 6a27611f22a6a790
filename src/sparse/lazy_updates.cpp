#include "sparse/lazy_updates.h"

namespace mnist {

void LazyUpdates::prepare(const SgdStep& sgd, std::size_t steps) {
  if (sgd == sgd_ && powers_.size() > steps) return;
  sgd_ = sgd;
  const double lr = sgd_.lr;
  const double momentum = sgd_.momentum;
  const double weight_decay = sgd_.weight_decay;
  powers_.clear();
  powers_.reserve(steps + 1);
  double ww = 1.0;
  double wv = 0.0;
  double vw = 0.0;
  double vv = 1.0;
  while (powers_.size() <= steps) {
    powers_.push_back({static_cast<float>(ww - 1), static_cast<float>(wv), static_cast<float>(vw),
                       static_cast<float>(vv)});
    vw = momentum * vw + weight_decay * ww;
    vv = momentum * vv + weight_decay * wv;
    ww -= lr * vw;
    wv -= lr * vv;
  }
}

void LazyUpdates::catch_up(const LayerWeights& layer, const EntryLists& by_input) {
  for (std::size_t row = 0; row < layer.inputs; ++row) {
    if (by_input.begin[row] != by_input.end[row]) apply_missed_steps(layer, row);
  }
}

void LazyUpdates::end_step(const EntryLists& by_input) {
  ++steps_;
  for (std::size_t row = 0; row < steps_taken_.size(); ++row) {
    if (by_input.begin[row] != by_input.end[row]) steps_taken_[row] = steps_;
  }
}

void LazyUpdates::catch_up_all(const LayerWeights& layer) {
  for (std::size_t row = 0; row < steps_taken_.size(); ++row) {
    apply_missed_steps(layer, row);
  }
}

void LazyUpdates::apply_missed_steps(const LayerWeights& layer, std::size_t row) {
  const std::size_t missed = steps_ - steps_taken_[row];
  if (missed > 0) apply_lazy_steps(layer, row, powers_[missed]);
  steps_taken_[row] = steps_;
}

}  // namespace mnist
