#include "sparse/layer.h"

#include <algorithm>

namespace mnist {

Layer::Layer(std::size_t inputs, std::size_t columns, bool has_velocity, bool skips_empty_rows)
    : inputs_(inputs),
      columns_(columns),
      group_(group_columns(columns)),
      skips_empty_rows_(skips_empty_rows),
      weights_(inputs + 1, columns),
      velocity_(has_velocity ? inputs + 1 : 0, columns) {}

Slice Layer::slice(const Worker& worker) const {
  const Range share = worker.share(groups());
  const Range columns{std::min(share.begin * group_, columns_),
                      std::min(share.end * group_, columns_)};
  const Rows no_velocity{nullptr, 0};
  return {{weights().from(columns.begin),
           velocity().data == nullptr ? no_velocity : velocity().from(columns.begin), inputs_,
           RowStorage::padded(columns.size()), group_, skips_empty_rows_},
          columns};
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
