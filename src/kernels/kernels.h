#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/storage.h"

namespace mnist {

// The inner loops of the sparse engine, vectorized for the instruction set of the CPU.

/// The index of the entry that ends every list by image.
constexpr std::uint32_t kNoIndex = UINT32_MAX;

constexpr std::size_t kForwardImages = 32;  ///< images that accumulate_rows() processes together

/// The number of columns in a group. A sum over all columns of a layer is computed for each group
/// first, and then over the groups. So it has the same bits however the columns are divided among
/// threads, if each thread has whole groups. There are two groups for each 256 columns, rounded
/// up to a power of two, enough for as many threads.
std::size_t group_columns(std::size_t width);

/// A matrix for each group of columns, stacked.
struct GroupRows {
  Rows rows;
  std::size_t height;  ///< rows of each matrix

  Rows operator[](std::size_t group) const { return {rows[group * height], rows.stride}; }
  GroupRows from_group(std::size_t group) const { return {(*this)[group], height}; }
};

/// The weights of a layer, or of some of its outputs (columns). They are input-major: row i holds
/// the weights from input i to each output, and the row after the last input holds the biases.
/// Columns beyond the layer's width are zero padding, and stay zero.
struct LayerWeights {
  Rows weights;
  Rows velocity;          ///< of the same shape; no matrix without momentum and weight decay
  std::size_t inputs;     ///< rows, not counting the biases
  std::size_t width;      ///< columns including padding: a multiple of kRowMultiple
  std::size_t group;      ///< group_columns() of the layer; the first column begins a group
  bool skips_empty_rows;  ///< whether updates skip rows without entries
};

/// A step of torch::optim::SGD: g += weight_decay * w; v = momentum * v + g; w -= lr * v.
struct SgdStep {
  float lr;
  float momentum;
  float weight_decay;
};

/// One or more SGD steps with zero gradient, combined: w += ww * w + wv * v; v = vw * w + vv * v,
/// both from the old w and v.
struct LazyUpdate {
  float ww;
  float wv;
  float vw;
  float vv;
};

// Below, the rows of outputs and deltas have at least the width of the layer. Deltas are the
// gradients of the loss with respect to a layer's outputs before ReLU.

/// outputs[b] = biases + the sum of value * weights[i] over the entries (i, value) of image b. The
/// entries of an image must be in ascending order and end with one of index kNoIndex.
void accumulate_rows(const LayerWeights& layer, const EntryLists& by_image, std::size_t images,
                     Rows outputs);

/// input_deltas[g][b][i] = the dot product of weights[i] and deltas[b], in the columns of group g,
/// for each entry (b, value) of input i. Each product has 16 partial sums, one for the columns with
/// the same remainder modulo 16, in ascending order. Then partial sums i and i+8, i+4, i+2, and i+1
/// are added. So the result has the same bits for vectors of any width.
void dot_rows(const LayerWeights& layer, const EntryLists& by_input, Rows deltas,
              GroupRows input_deltas);

/// An SGD step on the weight rows i of the range. Their gradient is the sum of value * deltas[b]
/// over the entries (b, value) of input i.
void update_rows(const LayerWeights& layer, const EntryLists& by_input, Range rows, Rows deltas,
                 const SgdStep& sgd);

/// dot_rows() followed by update_rows() of all rows except the biases, faster than the two calls.
/// `scratch` has kRowMultiple floats for each entry of the longest list.
void dot_and_update_rows(const LayerWeights& layer, const EntryLists& by_input, Rows deltas,
                         GroupRows input_deltas, float* scratch, const SgdStep& sgd);

/// Applies the update to a row of weights.
void apply_lazy_update(const LayerWeights& layer, std::size_t row, const LazyUpdate& update);

/// The name of the instruction set that the kernels use, such as AVX2.
const char* simd_target();

/// Whether it has fused multiply-add. All instruction sets that do give the same bits.
bool has_fused_multiply_add();

/// From now on, limits the kernels to the instruction sets that ATEN_CPU_CAPABILITY allows
/// LibTorch: "avx2", or "default" for the lowest. Other values have no effect.
void limit_simd();

}  // namespace mnist
