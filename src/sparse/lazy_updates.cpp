#include "sparse/lazy_updates.h"

namespace mnist {

LazyUpdates::LazyUpdates(const SgdStep& sgd, std::size_t rows, std::size_t steps)
    : applied_(rows, 0) {
  const double lr = sgd.lr;
  const double momentum = sgd.momentum;
  const double weight_decay = sgd.weight_decay;
  double ww = 1.0;
  double wv = 0.0;
  double vw = 0.0;
  double vv = 1.0;
  powers_.reserve(steps + 1);
  while (powers_.size() <= steps) {
    powers_.push_back({static_cast<float>(ww - 1), static_cast<float>(wv), static_cast<float>(vw),
                       static_cast<float>(vv)});
    vw = momentum * vw + weight_decay * ww;
    vv = momentum * vv + weight_decay * wv;
    ww -= lr * vw;
    wv -= lr * vv;
  }
}

void LazyUpdates::begin_step(std::span<const Slice> slices, const EntryLists& by_input) {
  for (std::size_t row = 0; row < applied_.size(); ++row) {
    if (by_input.begin[row] == by_input.end[row]) continue;
    apply(slices, row);
    applied_[row] = steps_ + 1;
  }
  ++steps_;
}

void LazyUpdates::flush(std::span<const Slice> slices) const {
  for (std::size_t row = 0; row < applied_.size(); ++row) apply(slices, row);
}

void LazyUpdates::apply(std::span<const Slice> slices, std::size_t row) const {
  const std::size_t deferred = steps_ - applied_[row];
  if (deferred == 0) return;
  for (const Slice& slice : slices) apply_lazy_update(slice.weights, row, powers_[deferred]);
}

}  // namespace mnist
