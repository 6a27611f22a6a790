#pragma once

#include <cstddef>
#include <vector>

#include "sparse/kernels.h"

namespace mnist {

/// Momentum and weight decay move a weight even while its input is zero. Where most inputs are,
/// this defers that for whole rows of weights until their input is met again: k such steps are the
/// k-th power of a 2x2 matrix on (weight, velocity).
class IdleRows {
 public:
  IdleRows(const SgdStep& sgd, std::size_t rows);

  /// Brings the row up to date for a step that will update it.
  void meet(const LayerView& layer, std::size_t row);

  void end_step() { ++steps_; }

  /// Brings all rows up to date.
  void finish(const LayerView& layer);

 private:
  struct Matrix {
    double ww, wv, vw, vv;
  };

  void catch_up_row(const LayerView& layer, std::size_t row);

  SgdStep sgd_;
  std::size_t steps_ = 0;                ///< done so far
  std::vector<std::size_t> up_to_date_;  ///< the steps that each row has had
  std::vector<Matrix> powers_;
};

}  // namespace mnist
