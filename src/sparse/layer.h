#pragma once

#include <cstddef>

#include "kernels/kernels.h"
#include "kernels/storage.h"
#include "sparse/workers.h"

namespace mnist {

/// What one worker has of a layer: whole groups of its columns, perhaps none.
struct Slice {
  LayerWeights weights;  ///< in these columns
  Range columns;

  /// The slice's columns of a matrix that is as wide as the layer.
  Rows of(const RowStorage& matrix) const { return matrix.rows().from(columns.begin); }
  /// Its groups of what all groups of the layer compute.
  GroupRows of(const GroupRows& groups) const {
    return groups.from_group(columns.begin / weights.group);
  }
};

/// The weights of a layer in the form that the kernels take (see LayerWeights), and their
/// velocities, if there are any. All are zero at first.
class Layer {
 public:
  /// Throws std::bad_alloc.
  Layer(std::size_t inputs, std::size_t columns, bool has_velocity, bool skips_empty_rows);

  std::size_t inputs() const { return inputs_; }
  std::size_t columns() const { return columns_; }
  /// Of group_columns() columns each; the last one may have fewer.
  std::size_t groups() const { return (columns_ + group_ - 1) / group_; }

  Rows weights() const { return weights_.rows(); }  ///< [inputs + 1, columns]
  Rows velocity() const { return velocity_.rows(); }

  /// The slices of all workers cover the layer.
  Slice slice(const Worker& worker) const;

 private:
  std::size_t inputs_;
  std::size_t columns_;
  std::size_t group_;
  bool skips_empty_rows_;
  RowStorage weights_;
  RowStorage velocity_;
};

}  // namespace mnist
