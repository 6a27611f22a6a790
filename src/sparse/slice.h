#pragma once

#include <cstddef>
#include <vector>

#include "kernels/kernels.h"
#include "kernels/storage.h"
#include "sparse/inputs.h"
#include "sparse/lazy_updates.h"
#include "sparse/output.h"

namespace mnist {

/// The groups of columns over which a layer of this width sums: see group_columns().
std::size_t groups_of(std::size_t width);

/// A slice of a hidden layer: some of its outputs (columns), with the weights that lead to them
/// from all inputs. Most inputs are zero, and nothing is computed for those.
class HiddenSlice {
 public:
  /// `weights` are those of the slice's columns, which begin at column `first` of the layer.
  HiddenSlice(const LayerWeights& weights, Range columns, std::size_t max_batch);

  const LayerWeights& weights() const { return weights_; }
  Range columns() const { return columns_; }

  /// Computes the outputs of the batch. `outputs` has room for those of the whole layer; this slice
  /// writes its columns.
  void forward(const LayerInputs& inputs, std::size_t batch, Rows outputs) const;

  // `deltas` are the derivatives of the loss by the outputs before ReLU, of this slice's columns.

  void update(const LayerInputs& inputs, Rows deltas, const SgdStep& sgd);
  /// Also computes what each group of the slice's columns adds to the deltas of the layer before,
  /// as matrices for all groups of the layer. Those of inputs that are not active stay as they
  /// were.
  void backward_and_update(const LayerInputs& inputs, Rows deltas, GroupRows input_deltas,
                           const SgdStep& sgd);

 private:
  LayerWeights weights_;
  Range columns_;
  RowStorage scratch_;  ///< of backward_and_update()
};

/// Adds up what the groups of a layer's columns have computed for some columns of the layer before.
/// The deltas of those of its outputs become zero that ReLU has set to zero.
void add_up_deltas(GroupRows groups, std::size_t count, std::size_t batch, Range columns,
                   Rows outputs, Rows deltas);

/// The weights of a layer or of some of its columns, and velocities if there are any.
struct LayerStorage {
  RowStorage weights;
  RowStorage velocity;
};

/// What one thread trains: some columns of each layer.
struct Slice {
  std::vector<LayerStorage> memory;  ///< of the layers below
  std::vector<HiddenSlice> hidden;
  OutputSlice output;
  LazyUpdates lazy_updates;  ///< of the first hidden layer
};

/// How many slices a network of these sizes has for so many threads: as many, but no more than the
/// widest layer has groups for.
std::size_t slices_for(const std::vector<std::size_t>& sizes, std::size_t threads);

/// Slice `index` of `slices` of a network of these sizes: those of the images and of the hidden
/// layers. All weights are zero at first.
Slice make_slice(const std::vector<std::size_t>& sizes, std::size_t index, std::size_t slices,
                 std::size_t max_batch, bool has_velocity);

/// Between the slice and a model of these sizes.
enum class Copy { kFromModel, kToModel };

/// Copies the slice's weights and biases, or what momentum and weight decay keep of each; but for
/// the biases of the output layer, which belong to no slice. `model` has the model's weights
/// [outputs, inputs] and biases [outputs] of each layer in turn.
void copy_weights(const Slice& slice, Rows LayerWeights::*kind,
                  const std::vector<std::size_t>& sizes, const std::vector<float*>& model,
                  Copy direction);

}  // namespace mnist
