#include "sparse/slice.h"

#include <algorithm>
#include <span>
#include <utility>

#include "mnist_train/shape.h"

namespace mnist {
namespace {

/// The columns of a layer that a slice gets: whole groups, perhaps none.
Range columns_of(std::size_t width, std::size_t slice, std::size_t slices) {
  const std::size_t share = (groups_of(width) + slices - 1) / slices * group_columns(width);
  return {std::min(slice * share, width), std::min((slice + 1) * share, width)};
}

}  // namespace

std::size_t groups_of(std::size_t width) {
  const std::size_t group = group_columns(width);
  return (width + group - 1) / group;
}

HiddenSlice::HiddenSlice(const LayerWeights& weights, Range columns, std::size_t max_batch)
    : weights_(weights), columns_(columns), scratch_(max_batch, kRowMultiple) {}

void HiddenSlice::forward(const LayerInputs& inputs, std::size_t batch, Rows outputs) const {
  accumulate_rows(weights_, inputs.by_image(), {0, batch}, outputs.from(columns_.begin));
}

void HiddenSlice::update(const LayerInputs& inputs, Rows deltas, const SgdStep& sgd) {
  update_rows(weights_, inputs.by_input(), {0, weights_.inputs + 1}, deltas, sgd);
}

void HiddenSlice::backward_and_update(const LayerInputs& inputs, Rows deltas,
                                      GroupRows input_deltas, const SgdStep& sgd) {
  const Range biases{weights_.inputs, weights_.inputs + 1};
  dot_and_update_rows(weights_, inputs.by_input(), deltas,
                      input_deltas.from_group(columns_.begin / weights_.group),
                      scratch_.rows().data, sgd);
  update_rows(weights_, inputs.by_input(), biases, deltas, sgd);
}

void add_up_deltas(GroupRows groups, std::size_t count, std::size_t batch, Range columns,
                   Rows outputs, Rows deltas) {
  for (std::size_t b = 0; b < batch; ++b) {
    float* const sums = deltas[b] + columns.begin;
    std::copy_n(groups[0][b] + columns.begin, columns.size(), sums);
    for (std::size_t g = 1; g < count; ++g) {
      const float* const group = groups[g][b] + columns.begin;
      for (std::size_t c = 0; c < columns.size(); ++c) sums[c] += group[c];
    }
    mask(outputs[b] + columns.begin, columns.size(), sums);
  }
}

std::size_t slices_for(const std::vector<std::size_t>& sizes, std::size_t threads) {
  std::size_t groups = 1;
  for (const std::size_t width : std::span(sizes).subspan(1)) {
    groups = std::max(groups, groups_of(width));
  }
  const std::size_t share = (groups + threads - 1) / threads;
  return (groups + share - 1) / share;
}

Slice make_slice(const std::vector<std::size_t>& sizes, std::size_t index, std::size_t slices,
                 std::size_t max_batch, bool has_velocity) {
  std::vector<LayerStorage> memory;
  const auto add_layer = [&](std::size_t inputs, std::size_t width, Range columns,
                             bool skips_empty_rows) {
    const std::size_t count = columns.size();
    memory.push_back({{inputs + 1, count}, {has_velocity ? inputs + 1 : 0, count}});
    return LayerWeights{
        memory.back().weights.rows(), memory.back().velocity.rows(), inputs,
        RowStorage::padded(count),    group_columns(width),          skips_empty_rows};
  };
  std::vector<HiddenSlice> hidden;
  for (std::size_t l = 0; l + 1 < sizes.size(); ++l) {
    const Range columns = columns_of(sizes[l + 1], index, slices);
    const bool is_first = l == 0;
    hidden.emplace_back(add_layer(sizes[l], sizes[l + 1], columns, !has_velocity || is_first),
                        columns, max_batch);
  }
  const Range columns = columns_of(sizes.back(), index, slices);
  OutputSlice output(add_layer(kDigits, sizes.back(), columns, false), columns, max_batch);
  return {std::move(memory), std::move(hidden), std::move(output), LazyUpdates(sizes.front())};
}

void copy_weights(const Slice& slice, Rows LayerWeights::*kind,
                  const std::vector<std::size_t>& sizes, const std::vector<float*>& model,
                  Copy direction) {
  const auto copy = [direction](float& ours, float& theirs) {
    direction == Copy::kToModel ? theirs = ours : ours = theirs;
  };
  for (std::size_t l = 0; l < slice.hidden.size(); ++l) {
    const Rows rows = slice.hidden[l].weights().*kind;
    const std::size_t inputs = sizes[l];
    const auto [begin, end] = slice.hidden[l].columns();
    for (std::size_t c = begin; c < end; ++c) {
      float* const weights = model[2 * l] + c * inputs;
      for (std::size_t i = 0; i < inputs; ++i) copy(rows[i][c - begin], weights[i]);
      copy(rows[inputs][c - begin], model[2 * l + 1][c]);
    }
  }
  const Rows rows = slice.output.weights().*kind;
  const auto [begin, end] = slice.output.columns();
  for (std::size_t digit = 0; digit < kDigits; ++digit) {
    float* const weights = model[2 * slice.hidden.size()] + digit * sizes.back();
    for (std::size_t c = begin; c < end; ++c) copy(rows[digit][c - begin], weights[c]);
  }
}

}  // namespace mnist
