#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/storage.h"

namespace mnist {

// The inner loops of the sparse engine, in the vector instructions of the CPU at hand.

/// In every list by image an entry of this index follows the last one.
constexpr std::uint32_t kNoIndex = UINT32_MAX;

constexpr std::size_t kForwardImages = 32;  ///< that accumulate_rows() takes at once

/// A sum over the columns of a layer goes over groups of this many columns; then the sums of the
/// groups are added up. So the sum has the same bits however the columns are divided among threads,
/// as long as none of them has part of a group. There are two groups for each 256 columns, which
/// is work for as many threads.
std::size_t group_columns(std::size_t width);

/// A matrix for each group of columns, below each other.
struct GroupRows {
  Rows rows;
  std::size_t height;  ///< rows of each matrix

  Rows operator[](std::size_t group) const { return {rows[group * height], rows.stride}; }
  GroupRows from_group(std::size_t group) const { return {(*this)[group], height}; }
};

/// The weights of a layer, or those that lead to some of its outputs. They are input-major: row i
/// holds the weights from input i to each output, and the row after the last input holds the
/// biases. Columns beyond the layer's width are zero padding, and stay zero.
struct LayerWeights {
  Rows weights;
  Rows velocity;          ///< of the same form; no matrix without momentum and weight decay
  std::size_t inputs;     ///< rows, not counting that of the biases
  std::size_t width;      ///< columns with their padding: a multiple of kRowMultiple
  std::size_t group;      ///< group_columns() of the layer; the first column begins a group
  bool skips_empty_rows;  ///< whether rows without entries are left alone by updates
};

/// A step of torch::optim::SGD: g += weight_decay * w; v = momentum * v + g; w -= lr * v.
struct SgdStep {
  float lr;
  float momentum;
  float weight_decay;
};

/// Several steps of SGD at once on a weight that gets no gradient: w += ww * w + wv * v; v = vw * w
/// + vv * v, both from the old w and v.
struct LazySteps {
  float ww;
  float wv;
  float vw;
  float vv;
};

// Below, the rows of outputs and deltas have at least the width of the layer. "Deltas" are the
// derivatives of the loss by a layer's outputs before ReLU.

/// outputs[b] = biases + the sum of value * weights[i] over the entries (i, value) of image b. The
/// entries of an image must be in ascending order and followed
/// by one of index kNoIndex.
void accumulate_rows(const LayerWeights& layer, const EntryLists& by_image, std::size_t images,
                     Rows outputs);

/// input_deltas[g][b][i] = weights[i] . deltas[b], in the columns of group g, for each entry
/// (b, value) of input i. Each of these sums has 16 parts, one for the columns that have the same
/// remainder by 16, and takes columns in ascending order. Then parts i and i+8, i+4, i+2, and i+1
/// are added. So it has the same bits for vectors of any width.
void dot_rows(const LayerWeights& layer, const EntryLists& by_input, Rows deltas,
              GroupRows input_deltas);

/// A step of SGD on the weight rows i of the range, whose gradient is the sum of value * deltas[b]
/// over the entries (b, value) of input i.
void update_rows(const LayerWeights& layer, const EntryLists& by_input, Range rows, Rows deltas,
                 const SgdStep& sgd);

/// dot_rows(), then update_rows() of all rows but that of the biases, in less time than the two
/// take one after the other. `scratch` has kRowMultiple floats for each entry of the longest list.
void dot_and_update_rows(const LayerWeights& layer, const EntryLists& by_input, Rows deltas,
                         GroupRows input_deltas, float* scratch, const SgdStep& sgd);

/// Takes the steps on a weight row that it was left out of.
void apply_lazy_steps(const LayerWeights& layer, std::size_t row, const LazySteps& steps);

/// The name of the instruction set that the kernels use, such as AVX2.
const char* simd_target();

/// Whether it multiplies and adds with a single rounding. All that do give the same bits.
bool has_fused_multiply_add();

/// Keeps the kernels of this process, from now on, from using more than the environment variable
/// ATEN_CPU_CAPABILITY allows LibTorch's own: "avx2", or "default" for the least. Any other value
/// changes nothing.
void limit_simd();

}  // namespace mnist
