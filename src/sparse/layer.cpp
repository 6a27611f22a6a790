#include "sparse/layer.h"

#include <algorithm>

namespace mnist {

HiddenSlice::HiddenSlice(const LayerWeights& weights, Range columns, std::size_t max_batch)
    : weights_(weights), columns_(columns), scratch_(max_batch, kRowMultiple) {}

void HiddenSlice::forward(const LayerInputs& inputs, std::size_t batch, Rows outputs) const {
  for (std::size_t begin = 0; begin < batch; begin += kForwardImages) {
    const Range chunk{begin, std::min(begin + kForwardImages, batch)};
    mnist::forward(weights_, inputs.by_image(), chunk, outputs.from(columns_.begin));
  }
}

void HiddenSlice::update(const LayerInputs& inputs, Rows deltas, const SgdStep& sgd) {
  mnist::update(weights_, inputs.by_input(), {0, weights_.inputs + 1}, deltas, sgd);
}

void HiddenSlice::backward_and_update(const LayerInputs& inputs, Rows deltas,
                                      GroupRows input_deltas, const SgdStep& sgd) {
  const Range biases{weights_.inputs, weights_.inputs + 1};
  mnist::backward_and_update(weights_, inputs.by_input(), deltas,
                             input_deltas.from_group(columns_.begin / weights_.group),
                             scratch_.rows().data, sgd);
  mnist::update(weights_, inputs.by_input(), biases, deltas, sgd);
}

}  // namespace mnist
