#include "sparse/layer.h"

#include <algorithm>

namespace mnist {

std::size_t group_count(std::size_t columns) {
  const std::size_t group = group_columns(columns);
  return (columns + group - 1) / group;
}

std::size_t worker_count(const std::vector<std::int64_t>& hidden, std::size_t threads) {
  std::size_t groups = 1;
  for (const std::int64_t size : hidden) {
    groups = std::max(groups, group_count(static_cast<std::size_t>(size)));
  }
  const std::size_t share = (groups + threads - 1) / threads;
  return (groups + share - 1) / share;
}

Layer::Layer(std::size_t inputs, std::size_t columns, bool has_velocity, bool skips_empty_rows,
             std::size_t workers)
    : inputs_(inputs), columns_(columns) {
  const std::size_t group = group_columns(columns);
  for (std::size_t w = 0; w < workers; ++w) {
    const Range some{std::min(groups() * w / workers * group, columns),
                     std::min(groups() * (w + 1) / workers * group, columns)};
    const Rows weights = memory_.emplace_back(inputs + 1, some.size()).rows();
    const Rows velocity = memory_.emplace_back(has_velocity ? inputs + 1 : 0, some.size()).rows();
    slices_.push_back(
        {{weights, velocity, inputs, RowStorage::padded(some.size()), group, skips_empty_rows},
         some});
  }
}

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

void relu(float* outputs, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) outputs[i] = outputs[i] <= 0.0F ? 0.0F : outputs[i];
}

void relu_backward(const float* outputs, std::size_t count, float* deltas) {
  for (std::size_t i = 0; i < count; ++i) deltas[i] = outputs[i] <= 0.0F ? 0.0F : deltas[i];
}

void sum_groups(const GroupRows& results, std::size_t groups, std::size_t image, Range columns,
                float* sums) {
  std::copy_n(results[0][image] + columns.begin, columns.size(), sums);
  for (std::size_t g = 1; g < groups; ++g) {
    const float* const result = results[g][image] + columns.begin;
    for (std::size_t c = 0; c < columns.size(); ++c) sums[c] += result[c];
  }
}

}  // namespace mnist
