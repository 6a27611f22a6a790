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

}  // namespace mnist
