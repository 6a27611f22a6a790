#include "sparse/idle_rows.h"

namespace mnist {

IdleRows::IdleRows(const SgdStep& sgd, std::size_t rows)
    : sgd_(sgd), up_to_date_(rows, 0), powers_{{1, 0, 0, 1}} {}

void IdleRows::meet(const LayerView& layer, std::size_t row) {
  if (up_to_date_[row] > steps_) return;  // another image of this step has met it
  catch_up_row(layer, row);
  up_to_date_[row] = steps_ + 1;
}

void IdleRows::finish(const LayerView& layer) {
  for (std::size_t row = 0; row < up_to_date_.size(); ++row) {
    catch_up_row(layer, row);
    up_to_date_[row] = steps_;
  }
}

void IdleRows::catch_up_row(const LayerView& layer, std::size_t row) {
  const std::size_t missed = steps_ - up_to_date_[row];
  if (missed == 0) return;
  const double lr = sgd_.lr;
  const double momentum = sgd_.momentum;
  const double weight_decay = sgd_.weight_decay;
  while (powers_.size() <= missed) {
    const Matrix& last = powers_.back();
    const double vw = momentum * last.vw + weight_decay * last.ww;
    const double vv = momentum * last.vv + weight_decay * last.wv;
    powers_.push_back({last.ww - lr * vw, last.wv - lr * vv, vw, vv});
  }
  const Matrix& power = powers_[missed];
  catch_up(layer, row,
           {static_cast<float>(power.ww - 1), static_cast<float>(power.wv),
            static_cast<float>(power.vw), static_cast<float>(power.vv)});
}

}  // namespace mnist
