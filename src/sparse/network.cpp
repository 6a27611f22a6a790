#include "sparse/network.h"

#include <algorithm>
#include <exception>
#include <numeric>
#include <utility>

#include "mnist_train/shape.h"

namespace mnist {
namespace {

/// The widths of the images and the hidden layers.
std::vector<std::size_t> widths_of(const TrainingOptions& options) {
  std::vector<std::size_t> widths{static_cast<std::size_t>(kPixels)};
  widths.insert(widths.end(), options.hidden.begin(), options.hidden.end());
  return widths;
}

/// As many slices as there may be threads, but no more than the widest layer has columns for.
std::size_t slices_for(const TrainingOptions& options) {
  std::size_t groups = 1;
  for (const std::int64_t width : options.hidden) {
    groups = std::max(groups, groups_of(static_cast<std::size_t>(width)));
  }
  const auto threads = static_cast<std::size_t>(options.threads);
  const std::size_t share = (groups + threads - 1) / threads;
  return (groups + share - 1) / share;
}

}  // namespace

SparseNetwork::SparseNetwork(const TrainingOptions& options, std::size_t max_batch)
    : sgd_{0.0F, static_cast<float>(options.momentum), static_cast<float>(options.weight_decay)},
      label_smoothing_(static_cast<float>(options.label_smoothing)),
      has_velocity_(options.momentum != 0.0 || options.weight_decay != 0.0),
      max_batch_(max_batch),
      widths_(widths_of(options)),
      output_biases_{{1, kDigits}, {has_velocity_ ? 1U : 0U, kDigits}},
      images_(options.hidden.empty() ? max_batch : 0, kPixels),
      logits_(groups_of(widths_.back()) * max_batch, kDigits),
      logit_deltas_(max_batch, kDigits),
      losses_(max_batch) {
  for (std::size_t l = 0; l + 1 < widths_.size(); ++l) {
    const std::size_t width = widths_[l + 1];
    const std::size_t groups = l == 0 ? 0 : groups_of(width);
    hidden_.push_back({LayerInputs(widths_[l], max_batch),
                       {max_batch, width},
                       {max_batch, width},
                       {groups * max_batch, widths_[l]}});
  }
  const std::size_t slices = slices_for(options);
  for (std::size_t s = 0; s < slices; ++s) {
    slices_.push_back(make_slice(widths_, s, slices, max_batch, has_velocity_));
  }
}

std::vector<ParameterView> SparseNetwork::parameters() const {
  return all_views(&LayerWeights::weights, output_biases_.weights);
}

std::vector<ParameterView> SparseNetwork::velocities() const {
  return all_views(&LayerWeights::velocity, output_biases_.velocity);
}

std::vector<ParameterView> SparseNetwork::all_views(Rows LayerWeights::*kind,
                                                    const RowStorage& output_biases) const {
  std::vector<ParameterView> result;
  for (const Slice& slice : slices_) {
    const std::vector<ParameterView> some = views(slice, kind);
    result.insert(result.end(), some.begin(), some.end());
  }
  result.push_back({2 * widths_.size() - 1, 0, {0, kDigits}, output_biases.rows().data, 1, 0});
  return result;
}

std::optional<double> SparseNetwork::train(const Examples& examples, double lr,
                                           const OnStep& on_step) {
  sgd_.lr = static_cast<float>(lr);
  if (has_velocity_) {
    const std::size_t steps = (examples.size() + max_batch_ - 1) / max_batch_;
    for (Slice& slice : slices_) slice.idle_rows.prepare(sgd_, steps);
  }
  double loss = 0.0;
  // The leader writes these before the wait that ends each step, and all read them after it.
  bool goes_on = true;
  bool leader_goes_on_alone = false;
  std::exception_ptr error;
  const auto ask = [&](std::size_t images_done) {
    try {
      return on_step(images_done);
    } catch (...) {
      error = std::current_exception();
      return false;
    }
  };
  run_together(slices_.size(), [&](Member& member) noexcept {
    for (std::size_t begin = 0; goes_on && begin < examples.size(); begin += max_batch_) {
      const Examples batch = examples.batch(begin, max_batch_);
      const double batch_loss = step(member, batch);
      if (member.leads()) {
        loss += batch_loss;
        goes_on = ask(begin + batch.size());
        leader_goes_on_alone = leader_goes_on_alone || member.waits_in_vain();
      }
      member.wait();  // what the members have exchanged may be overwritten from here on
      if (leader_goes_on_alone && !member.leads()) return;
      if (leader_goes_on_alone) member.go_on_alone();
    }
    if (!has_velocity_) return;
    for (Slice& slice : slices_of(member)) {
      if (!slice.hidden.empty()) slice.idle_rows.catch_up_all(slice.hidden.front().weights());
    }
  });
  if (error) std::rethrow_exception(error);
  return goes_on ? std::optional(loss) : std::nullopt;
}

void SparseNetwork::compute_logits(const SparseImages& images, float* logits) {
  std::vector<std::int64_t> indices(images.size());
  std::iota(indices.begin(), indices.end(), 0);
  const Examples all{images, {}, indices};
  const std::size_t batch_size = std::min(max_batch_, kForwardImages);
  const std::size_t groups = groups_of(widths_.back());
  run_together(slices_.size(), [&](Member& member) noexcept {
    for (std::size_t begin = 0; begin < all.size(); begin += batch_size) {
      const Examples batch = all.batch(begin, batch_size);
      list_pixels(member, batch);
      forward(member, batch);
      const auto [first, last] = member.share(batch.size());
      for (std::size_t b = first; b < last; ++b) {
        add_up_logits(group_rows(logits_), groups, b, output_biases_.weights.rows().data,
                      logits + (begin + b) * kDigits);
      }
      member.wait();  // the batch's memory may be overwritten from here on
    }
  });
}

/// The slices that this member works on.
std::span<Slice> SparseNetwork::slices_of(const Member& member) {
  const Range share = member.share(slices_.size());
  return std::span(slices_).subspan(share.begin, share.size());
}

/// The slice's columns of the inputs of the output layer.
Rows SparseNetwork::output_inputs(const Slice& slice) {
  return (hidden_.empty() ? images_ : hidden_.back().outputs)
      .rows()
      .from(slice.output.columns().begin);
}

void SparseNetwork::list_pixels(Member& member, const Examples& batch) {
  if (hidden_.empty()) {
    const auto [begin, end] = member.share(batch.size());
    for (std::size_t b = begin; b < end; ++b) {
      expand(batch.images, static_cast<std::size_t>(batch.indices[b]), images_.rows()[b]);
    }
  } else {
    hidden_.front().inputs.list_pixels(batch, member.share(batch.size()),
                                       member.share(widths_.front()));
  }
  member.wait();
}

/// Returns the sum of the images' losses.
double SparseNetwork::step(Member& member, const Examples& batch) {
  list_pixels(member, batch);
  if (has_velocity_ && !hidden_.empty()) {
    for (Slice& slice : slices_of(member)) {
      slice.idle_rows.catch_up(slice.hidden.front().weights(), hidden_.front().inputs.by_input());
    }
  }
  forward(member, batch);
  losses(member, batch);
  backward(member, batch.size());
  for (Slice& slice : slices_of(member)) slice.idle_rows.end_step();
  return std::accumulate(losses_.begin(),
                         losses_.begin() + static_cast<std::ptrdiff_t>(batch.size()), 0.0);
}

/// Computes what each group of columns adds to the logits.
void SparseNetwork::forward(Member& member, const Examples& batch) {
  for (std::size_t l = 0; l < hidden_.size(); ++l) {
    LayerInputs& inputs = hidden_[l].inputs;
    if (l > 0) {
      member.wait();
      inputs.list_activations(hidden_[l - 1].outputs.rows(), batch.size(),
                              member.share(batch.size()), member.share(widths_[l]));
      member.wait();
    }
    for (const Slice& slice : slices_of(member)) {
      slice.hidden[l].forward(inputs, batch.size(), hidden_[l].outputs.rows());
    }
  }
  for (Slice& slice : slices_of(member)) {
    slice.output.forward(batch.size(), output_inputs(slice), group_rows(logits_));
  }
  member.wait();
}

void SparseNetwork::losses(Member& member, const Examples& batch) {
  const float scale = 1.0F / static_cast<float>(batch.size());
  const std::size_t groups = groups_of(widths_.back());
  const auto [begin, end] = member.share(batch.size());
  for (std::size_t b = begin; b < end; ++b) {
    float* const deltas = logit_deltas_.rows()[b];
    add_up_logits(group_rows(logits_), groups, b, output_biases_.weights.rows().data, deltas);
    losses_[b] = softmax_cross_entropy(deltas, batch.label(b), scale, label_smoothing_);
  }
  member.wait();
}

void SparseNetwork::backward(Member& member, std::size_t batch) {
  for (Slice& slice : slices_of(member)) {
    const Rows deltas =
        hidden_.empty() ? Rows{} : hidden_.back().deltas.rows().from(slice.output.columns().begin);
    slice.output.backward_and_update(batch, logit_deltas_.rows(), output_inputs(slice), deltas,
                                     sgd_);
  }
  if (member.leads()) {
    update_biases(batch, logit_deltas_.rows(), sgd_, output_biases_.weights.rows().data,
                  output_biases_.velocity.rows().data);
  }
  for (std::size_t l = hidden_.size(); l-- > 1;) {
    Activations& layer = hidden_[l];
    Activations& before = hidden_[l - 1];
    const GroupRows groups = group_rows(layer.input_deltas);
    for (Slice& slice : slices_of(member)) {
      HiddenSlice& hidden = slice.hidden[l];
      hidden.backward_and_update(layer.inputs, layer.deltas.rows().from(hidden.columns().begin),
                                 groups, sgd_);
    }
    member.wait();
    for (const Slice& slice : slices_of(member)) {
      add_up_deltas(groups, groups_of(widths_[l + 1]), batch, slice.hidden[l - 1].columns(),
                    before.outputs.rows(), before.deltas.rows());
    }
  }
  if (hidden_.empty()) return;
  for (Slice& slice : slices_of(member)) {
    HiddenSlice& first = slice.hidden.front();
    first.update(hidden_.front().inputs, hidden_.front().deltas.rows().from(first.columns().begin),
                 sgd_);
  }
}

}  // namespace mnist
