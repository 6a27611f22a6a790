#pragma once

#include <cstddef>
#include <vector>

#include "kernels/kernels.h"

namespace mnist {

/// Momentum and weight decay change a weight even in steps in which its input is zero, as most
/// inputs of the first layer are. This leaves rows of weights without an input out of such steps,
/// and takes those that a row has missed at once when it is needed: k steps without a gradient are
/// the k-th power of a 2x2 matrix on (weight, velocity).
class LazyUpdates {
 public:
  /// For so many steps from now on, of a layer with so many rows. Only this function allocates
  /// memory.
  LazyUpdates(const SgdStep& sgd, std::size_t rows, std::size_t steps);

  /// To be called before each step, which has to update the rows with entries: takes the steps that
  /// these rows have missed.
  void begin_step(const LayerWeights& layer, const EntryLists& by_input);

  /// To be called after the last step: takes the steps that any row has missed.
  void catch_up(const LayerWeights& layer) const;

 private:
  void catch_up(const LayerWeights& layer, std::size_t row) const;

  std::vector<LazySteps> powers_;   ///< [k]: k steps without a gradient at once
  std::size_t steps_ = 0;           ///< taken so far
  std::vector<std::size_t> taken_;  ///< of these, by each row
};

}  // namespace mnist
