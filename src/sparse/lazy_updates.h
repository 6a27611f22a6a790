#pragma once

#include <cstddef>
#include <vector>

#include "kernels/kernels.h"

namespace mnist {

/// Momentum and weight decay move a weight even while its input is zero, and most inputs of the
/// first layer are. This defers such steps for a whole row of weights until the row is needed: k of
/// them are the k-th power of a 2x2 matrix on (weight, velocity). Elsewhere this is called a lazy
/// update.
class LazyUpdates {
 public:
  explicit LazyUpdates(std::size_t rows) : steps_taken_(rows, 0) {}

  /// Makes ready for this many such steps between two calls of catch_up_all(), from one of which
  /// this is called. Only this function allocates memory.
  void prepare(const SgdStep& sgd, std::size_t steps);

  /// Takes the steps that rows with entries have missed, which are about to be used.
  void catch_up(const LayerWeights& layer, const EntryLists& by_input);

  /// To be called after a step that has updated the rows with entries.
  void end_step(const EntryLists& by_input);

  /// Takes the steps that any row has missed.
  void catch_up_all(const LayerWeights& layer);

 private:
  void apply_missed_steps(const LayerWeights& layer, std::size_t row);

  SgdStep sgd_{};                         ///< of the powers
  std::size_t steps_ = 0;                 ///< done so far
  std::vector<std::size_t> steps_taken_;  ///< of these, by each row
  std::vector<LazySteps> powers_;         ///< [k]: k steps at once
};

}  // namespace mnist
