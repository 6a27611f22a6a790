#include "sparse/network.h"

#include <algorithm>
#include <exception>
#include <numeric>
#include <span>
#include <utility>

#include "sparse/loss.h"

namespace mnist {

SparseNetwork::SparseNetwork(const TrainingOptions& options, std::size_t max_batch,
                             std::size_t threads)
    : sgd_{0.0F, static_cast<float>(options.momentum), static_cast<float>(options.weight_decay)},
      label_smoothing_(static_cast<float>(options.label_smoothing)),
      has_velocity_(options.momentum != 0.0 || options.weight_decay != 0.0),
      max_batch_(max_batch),
      output_(kClasses, options.hidden.empty() ? kPixels : options.hidden.back(), has_velocity_,
              true, worker_count(options.hidden, threads)),
      images_(options.hidden.empty() ? max_batch : 0, kPixels),
      logits_(output_.groups() * max_batch, kClasses) {
  const std::size_t workers = output_.slices().size();
  std::size_t inputs = kPixels;
  for (const std::int64_t size : options.hidden) {
    const auto outputs = static_cast<std::size_t>(size);
    const bool is_first = hidden_.empty();
    Layer layer(inputs, outputs, has_velocity_, is_first || !has_velocity_, workers);
    const std::size_t groups = layer.groups();
    hidden_.push_back({std::move(layer),
                       {max_batch, outputs},
                       {max_batch, outputs},
                       {is_first ? 0 : groups * max_batch, inputs}});
    inputs = outputs;
  }
  for (std::size_t w = 0; w < workers; ++w) {
    workspaces_.push_back({{},
                           {max_batch, kClasses},
                           {kClasses, max_batch},
                           {max_batch, kRowMultiple},
                           std::nullopt});
    for (const HiddenLayer& hidden : hidden_) {
      workspaces_.back().inputs.emplace_back(hidden.layer.inputs(), max_batch);
    }
  }
}

template <typename Copy>
void SparseNetwork::copy(Values values, const std::vector<float*>& model, const Copy& copy_number) {
  const auto kind = values == kParameters ? &LayerWeights::weights : &LayerWeights::velocity;
  auto next = model.begin();
  for (const HiddenLayer& hidden : hidden_) {
    const std::size_t inputs = hidden.layer.inputs();
    float* const weights = *next++;
    float* const biases = *next++;
    hidden.layer.visit(kind, [&](std::size_t row, std::size_t column, float& own) {
      copy_number(own, row < inputs ? weights[column * inputs + row] : biases[column]);
    });
  }
  float* const weights = *next;
  output_.visit(kind, [&](std::size_t digit, std::size_t column, float& own) {
    if (digit < kClasses) copy_number(own, weights[digit * output_.columns() + column]);
  });
  auto& biases = values == kParameters ? output_biases_ : output_biases_velocity_;
  for (std::size_t digit = 0; digit < kClasses; ++digit) {
    copy_number(biases[digit], model.back()[digit]);
  }
}

void SparseNetwork::load(Values values, const std::vector<float*>& model) {
  copy(values, model, [](float& ours, float& theirs) { ours = theirs; });
}

void SparseNetwork::store(Values values, const std::vector<float*>& model) {
  copy(values, model, [](float& ours, float& theirs) { theirs = ours; });
}

std::optional<double> SparseNetwork::train(const Examples& examples, double lr,
                                           const OnStep& on_step) {
  sgd_.lr = static_cast<float>(lr);
  if (has_velocity_ && !hidden_.empty()) {
    const std::size_t steps = (examples.size() + max_batch_ - 1) / max_batch_;
    for (Workspace& workspace : workspaces_) workspace.lazy_updates.emplace(sgd_, kPixels, steps);
  }
  double loss = 0.0;
  // The main thread writes these before the barrier that ends each step; all read them after it.
  bool goes_on = true;
  bool main_continues_alone = false;
  std::exception_ptr error;
  const auto ask = [&](std::size_t images_done) {
    try {
      return on_step(images_done);
    } catch (...) {
      error = std::current_exception();
      return false;
    }
  };
  run_workers(workspaces_.size(), [&](Worker& worker) noexcept {
    for (std::size_t begin = 0; goes_on && begin < examples.size(); begin += max_batch_) {
      const Examples batch = examples.batch(begin, max_batch_);
      forward(worker, batch);
      const double batch_loss = losses(worker, batch);
      backward_output(worker, batch.size());
      backward_hidden(worker, batch.size());
      if (worker.is_main()) {
        loss += batch_loss;
        goes_on = ask(begin + batch.size());
        if (worker.waits_too_long(was_alone_ ? 1 : 2)) main_continues_alone = true;
      }
      worker.wait();  // from here on, shared memory may be overwritten
      if (main_continues_alone && !worker.is_main()) return;
      if (main_continues_alone) worker.continue_alone();
      if (worker.is_main()) update_output_biases(batch.size());
    }
    const auto& lazy_updates = workspaces_[worker.index()].lazy_updates;
    if (lazy_updates) lazy_updates->flush(hidden_.front().layer.slices(worker));
  });
  for (Workspace& workspace : workspaces_) workspace.lazy_updates.reset();
  was_alone_ = main_continues_alone;
  if (error) std::rethrow_exception(error);
  return goes_on ? std::optional(loss) : std::nullopt;
}

void SparseNetwork::compute_logits(const SparseImages& images, float* logits) {
  std::vector<std::int64_t> indices(images.size());
  std::iota(indices.begin(), indices.end(), 0);
  const Examples all{images, {}, indices};
  const std::size_t batch_size = std::min(max_batch_, kForwardImages);
  run_workers(workspaces_.size(), [&](Worker& worker) noexcept {
    for (std::size_t begin = 0; begin < all.size(); begin += batch_size) {
      const Examples batch = all.batch(begin, batch_size);
      forward(worker, batch);
      const auto [first, last] = worker.share(batch.size());
      for (std::size_t b = first; b < last; ++b) sum_logits(b, logits + (begin + b) * kDigits);
      worker.wait();  // from here on, shared memory may be overwritten
    }
  });
}

/// Computes the logits, as partial sums of each group of columns.
void SparseNetwork::forward(Worker& worker, const Examples& batch) {
  Workspace& own = workspaces_[worker.index()];
  for (std::size_t l = 0; l < hidden_.size(); ++l) {
    const std::span slices = hidden_[l].layer.slices(worker);
    LayerInputs& inputs = own.inputs[l];
    if (l == 0) {
      inputs.list_pixels(batch);
      if (own.lazy_updates) own.lazy_updates->begin_step(slices, inputs.by_input());
    } else {
      worker.wait();
      inputs.list_active(hidden_[l - 1].outputs.rows(), batch.size());
    }
    for (const Slice& slice : slices) {
      accumulate_rows(slice.weights, inputs.by_image(), batch.size(), slice.of(hidden_[l].outputs));
    }
  }
  own.digits.list_all(own.logit_deltas.rows(), batch.size());  // dot_rows() needs no values
  for (const Slice& slice : output_.slices(worker)) {
    const Rows inputs = slice.of(output_inputs());
    for (std::size_t b = 0; b < batch.size(); ++b) {
      if (hidden_.empty()) {  // then there is only one slice
        expand(batch.images, static_cast<std::size_t>(batch.indices[b]), inputs[b]);
      } else {
        relu(inputs[b], slice.weights.width);
      }
    }
    dot_rows(slice.weights, own.digits.by_input(), inputs, slice.of(group_rows(logits_)));
  }
  worker.wait();
}

void SparseNetwork::sum_logits(std::size_t image, float* logits) const {
  sum_groups(group_rows(logits_), output_.groups(), image, {0, kClasses}, logits);
  for (std::size_t c = 0; c < kClasses; ++c) logits[c] += output_biases_[c];
}

/// Returns the sum of the losses. Each worker computes those of all images, which is faster than
/// waiting for the others.
double SparseNetwork::losses(const Worker& worker, const Examples& batch) {
  const float scale = 1.0F / static_cast<float>(batch.size());
  double loss = 0.0;
  for (std::size_t b = 0; b < batch.size(); ++b) {
    float* const deltas = workspaces_[worker.index()].logit_deltas.rows()[b];
    sum_logits(b, deltas);
    loss += softmax_cross_entropy(deltas, batch.label(b), scale, label_smoothing_);
  }
  return loss;
}

/// Computes the deltas of the last hidden layer, and updates the output layer.
void SparseNetwork::backward_output(const Worker& worker, std::size_t batch) {
  Workspace& own = workspaces_[worker.index()];
  own.digits.list_all(own.logit_deltas.rows(), batch);
  for (const Slice& slice : output_.slices(worker)) {
    const Rows inputs = slice.of(output_inputs());
    if (!hidden_.empty()) {
      const Rows deltas = slice.of(hidden_.back().deltas);
      accumulate_rows(slice.weights, own.digits.by_image(), batch, deltas);
      for (std::size_t b = 0; b < batch; ++b)
        relu_backward(inputs[b], slice.weights.width, deltas[b]);
    }
    update_rows(slice.weights, own.digits.by_input(), {0, kClasses}, inputs, sgd_);
  }
}

/// Likewise for each hidden layer, from the last to the first.
void SparseNetwork::backward_hidden(Worker& worker, std::size_t batch) {
  Workspace& own = workspaces_[worker.index()];
  for (std::size_t l = hidden_.size(); l-- > 0;) {
    const auto& [layer, outputs, output_deltas, input_deltas] = hidden_[l];
    const EntryLists by_input = own.inputs[l].by_input();
    const GroupRows groups = group_rows(input_deltas);
    for (const Slice& slice : layer.slices(worker)) {
      const Rows deltas = slice.of(output_deltas);
      if (l > 0) {
        dot_and_update_rows(slice.weights, by_input, deltas, slice.of(groups),
                            own.scratch.rows().data, sgd_);
      }
      const std::size_t first = l > 0 ? layer.inputs() : 0;
      update_rows(slice.weights, by_input, {first, layer.inputs() + 1}, deltas, sgd_);
    }
    if (l == 0) return;
    worker.wait();
    const HiddenLayer& before = hidden_[l - 1];
    for (const Slice& slice : before.layer.slices(worker)) {
      for (std::size_t b = 0; b < batch; ++b) {
        float* const sums = slice.of(before.deltas)[b];
        sum_groups(groups, layer.groups(), b, slice.columns, sums);
        relu_backward(slice.of(before.outputs)[b], slice.columns.size(), sums);
      }
    }
  }
}

/// To be called by the main thread between steps, while no other worker reads the biases.
void SparseNetwork::update_output_biases(std::size_t batch) {
  const Rows deltas = workspaces_.front().logit_deltas.rows();
  for (std::size_t c = 0; c < kClasses; ++c) {
    float change = sgd_.weight_decay * output_biases_[c];
    for (std::size_t b = 0; b < batch; ++b) change += deltas[b][c];
    change += sgd_.momentum * output_biases_velocity_[c];
    output_biases_velocity_[c] = change;
    output_biases_[c] -= sgd_.lr * change;
  }
}

}  // namespace mnist
