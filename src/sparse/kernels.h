#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace mnist {

/// An input that is not zero: of which image (or which input of an image), and its value.
struct Entry {
  std::uint32_t index;
  float value;
};

/// The index of the entry that follows the last one of each list by image.
constexpr std::uint32_t kNoIndex = UINT32_MAX;

/// Lists of entries: list i is entries[begin[i]] .. entries[end[i]-1].
struct EntryLists {
  const Entry* entries;
  const std::size_t* begin;
  const std::size_t* end;
};

constexpr std::size_t kRowMultiple = 16;  ///< the widest vector of any processor supported

/// Numbers in rows that are a multiple of kRowMultiple floats apart and aligned to that.
struct Rows {
  float* data;
  std::size_t stride;

  float* operator[](std::size_t row) const { return data + row * stride; }
  /// The same from a column on, which must be a multiple of kRowMultiple.
  Rows from(std::size_t column) const { return {data + column, stride}; }
};

/// A layer's weights, input-major: row i holds the weights from input i to each output, and the row
/// after the last input holds the biases. What a row is longer than the outputs are many is zero,
/// and stays so. `velocity`, of the same form, is what momentum keeps; its data is null if there is
/// neither momentum nor weight decay.
struct LayerView {
  Rows weights;
  Rows velocity;
  std::size_t inputs;
  bool skips_idle_rows;  ///< rows without entries are not updated
};

/// A step of torch::optim::SGD: g += weight_decay * w; v = momentum * v + g; w -= lr * v.
struct SgdStep {
  float lr;
  float momentum;
  float weight_decay;
};

/// k steps of SGD at once on a weight that gets no gradient: w += ww * w + wv * v; v = vw * w + vv
/// * v, both from the old w and v.
struct IdleSteps {
  float ww;
  float wv;
  float vw;
  float vv;
};

constexpr std::size_t kForwardImages = 32;  ///< the most that forward() takes at once

struct Range {
  std::size_t begin;
  std::size_t end;
};

// In what follows rows of outputs and deltas are at least as long as those of the weights.

/// outputs[b] = biases + the weighted sum of the weight rows of image b's entries, which must be in
/// ascending order and followed by one of index kNoIndex, for the images of the range, at most
/// kForwardImages.
void forward(const LayerView& layer, const EntryLists& by_image, Range images, Rows outputs);

/// input_deltas[b][i] = weights[i] . deltas[b] for each entry (b, x) of input i.
void backward(const LayerView& layer, const EntryLists& by_input, Rows deltas, Rows input_deltas);

/// A step with the gradient sum of x * deltas[b] over the entries (b, x) of input i, for the weight
/// rows of the range.
void update(const LayerView& layer, const EntryLists& by_input, Range rows, Rows deltas,
            const SgdStep& sgd);

/// backward() and update() of all rows but the biases, in less time than one after the other.
/// `scratch` has kRowMultiple floats for each entry of the longest list.
void backward_and_update(const LayerView& layer, const EntryLists& by_input, Rows deltas,
                         Rows input_deltas, float* scratch, const SgdStep& sgd);

/// Makes up for the steps that a weight row was left out of.
void catch_up(const LayerView& layer, std::size_t row, const IdleSteps& steps);

/// The name of the instruction set that these run on, such as AVX2.
const char* simd_target();

/// Keeps them from using more than `capability`, if that is "default" or "avx2": the values of the
/// environment variable ATEN_CPU_CAPABILITY, by which LibTorch's own kernels are limited. Anything
/// else changes nothing.
void limit_simd(const std::string& capability);

}  // namespace mnist
