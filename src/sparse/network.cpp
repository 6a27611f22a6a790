#include "sparse/network.h"

#include <algorithm>
#include <exception>
#include <numeric>
#include <utility>

#include "mnist_train/shape.h"

namespace mnist {
namespace {

/// The sizes of the images and the hidden layers.
std::vector<std::size_t> layer_sizes(const TrainingOptions& options) {
  std::vector<std::size_t> sizes{static_cast<std::size_t>(kPixels)};
  sizes.insert(sizes.end(), options.hidden.begin(), options.hidden.end());
  return sizes;
}

}  // namespace

SparseNetwork::SparseNetwork(const TrainingOptions& options, std::size_t max_batch,
                             std::size_t threads)
    : sgd_{0.0F, static_cast<float>(options.momentum), static_cast<float>(options.weight_decay)},
      label_smoothing_(static_cast<float>(options.label_smoothing)),
      has_velocity_(options.momentum != 0.0 || options.weight_decay != 0.0),
      max_batch_(max_batch),
      sizes_(layer_sizes(options)),
      images_(options.hidden.empty() ? max_batch : 0, kPixels),
      logits_(groups_of(sizes_.back()) * max_batch, kDigits) {
  for (std::size_t l = 0; l + 1 < sizes_.size(); ++l) {
    const std::size_t width = sizes_[l + 1];
    const std::size_t groups = l == 0 ? 0 : groups_of(width);
    hidden_.push_back({{max_batch, width}, {max_batch, width}, {groups * max_batch, sizes_[l]}});
  }
  const std::size_t slices = slices_for(sizes_, threads);
  for (std::size_t s = 0; s < slices; ++s) {
    slices_.push_back(make_slice(sizes_, s, slices, max_batch, has_velocity_));
    workspaces_.push_back(
        {{}, {max_batch, kDigits}, {{1, kDigits}, {has_velocity_ ? 1U : 0U, kDigits}}});
    for (std::size_t l = 0; l + 1 < sizes_.size(); ++l) {
      workspaces_.back().inputs.emplace_back(sizes_[l], max_batch);
    }
  }
}

void SparseNetwork::copy(Values values, const std::vector<float*>& model, Copy direction) const {
  const bool is_parameters = values == kParameters;
  for (const Slice& slice : slices_) {
    copy_weights(slice, is_parameters ? &LayerWeights::weights : &LayerWeights::velocity, sizes_,
                 model, direction);
  }
  const LayerStorage& biases = workspaces_.front().output_biases;
  float* const ours = (is_parameters ? biases.weights : biases.velocity).rows().data;
  direction == Copy::kToModel ? std::copy_n(ours, kDigits, model.back())
                              : std::copy_n(model.back(), kDigits, ours);
}

std::optional<double> SparseNetwork::train(const Examples& examples, double lr,
                                           const OnStep& on_step) {
  sgd_.lr = static_cast<float>(lr);
  if (has_velocity_) {
    const std::size_t steps = (examples.size() + max_batch_ - 1) / max_batch_;
    for (Slice& slice : slices_) slice.lazy_updates.prepare(sgd_, steps);
  }
  share_output_biases();
  double loss = 0.0;
  // The main thread writes these before the wait that ends each step, and all read them after it.
  bool goes_on = true;
  bool main_goes_on_alone = false;
  std::exception_ptr error;
  const auto ask = [&](std::size_t images_done) {
    try {
      return on_step(images_done);
    } catch (...) {
      error = std::current_exception();
      return false;
    }
  };
  run_workers(slices_.size(), [&](Worker& worker) noexcept {
    for (std::size_t begin = 0; goes_on && begin < examples.size(); begin += max_batch_) {
      const Examples batch = examples.batch(begin, max_batch_);
      const double batch_loss = step(worker, batch);
      if (worker.is_main()) {
        loss += batch_loss;
        goes_on = ask(begin + batch.size());
        main_goes_on_alone = main_goes_on_alone || worker.waits_in_vain(was_alone_ ? 1 : 2);
      }
      worker.wait();  // what the workers have exchanged may be overwritten from here on
      if (main_goes_on_alone && !worker.is_main()) return;
      if (main_goes_on_alone) worker.go_on_alone();
    }
    if (!has_velocity_) return;
    for (Slice& slice : slices_of(worker)) {
      if (!slice.hidden.empty()) slice.lazy_updates.catch_up_all(slice.hidden.front().weights());
    }
  });
  was_alone_ = main_goes_on_alone;
  if (error) std::rethrow_exception(error);
  return goes_on ? std::optional(loss) : std::nullopt;
}

void SparseNetwork::compute_logits(const SparseImages& images, float* logits) {
  std::vector<std::int64_t> indices(images.size());
  std::iota(indices.begin(), indices.end(), 0);
  const Examples all{images, {}, indices};
  const std::size_t batch_size = std::min(max_batch_, kForwardImages);
  share_output_biases();
  run_workers(slices_.size(), [&](Worker& worker) noexcept {
    for (std::size_t begin = 0; begin < all.size(); begin += batch_size) {
      const Examples batch = all.batch(begin, batch_size);
      forward(worker, batch);
      const auto [first, last] = worker.share(batch.size());
      for (std::size_t b = first; b < last; ++b) {
        add_up_logits(worker, b, logits + (begin + b) * kDigits);
      }
      worker.wait();  // the batch's memory may be overwritten from here on
    }
  });
}

/// The slices that this worker works on.
std::span<Slice> SparseNetwork::slices_of(const Worker& worker) {
  const Range share = worker.share(slices_.size());
  return std::span(slices_).subspan(share.begin, share.size());
}

/// The slice's columns of the inputs of the output layer.
Rows SparseNetwork::output_inputs(const Slice& slice) {
  return (hidden_.empty() ? images_ : hidden_.back().outputs)
      .rows()
      .from(slice.output.columns().begin);
}

/// Gives each worker the main thread's biases of the output layer. They take the same steps with
/// them.
void SparseNetwork::share_output_biases() {
  const LayerStorage& main = workspaces_.front().output_biases;
  for (Workspace& workspace : workspaces_) {
    std::copy_n(main.weights.rows().data, kDigits, workspace.output_biases.weights.rows().data);
    if (!has_velocity_) continue;
    std::copy_n(main.velocity.rows().data, kDigits, workspace.output_biases.velocity.rows().data);
  }
}

void SparseNetwork::add_up_logits(const Worker& worker, std::size_t image, float* logits) const {
  mnist::add_up_logits(group_rows(logits_), groups_of(sizes_.back()), image,
                       workspaces_[worker.index()].output_biases.weights.rows().data, logits);
}

/// Returns the sum of the images' losses.
double SparseNetwork::step(Worker& worker, const Examples& batch) {
  forward(worker, batch);
  const double loss = losses(worker, batch);
  backward(worker, batch.size());
  if (has_velocity_ && !hidden_.empty()) {
    for (Slice& slice : slices_of(worker)) {
      slice.lazy_updates.end_step(workspaces_[worker.index()].inputs.front().by_input());
    }
  }
  return loss;
}

/// Computes what each group of columns adds to the logits.
void SparseNetwork::forward(Worker& worker, const Examples& batch) {
  if (hidden_.empty()) {
    const auto [begin, end] = worker.share(batch.size());
    for (std::size_t b = begin; b < end; ++b) {
      expand(batch.images, static_cast<std::size_t>(batch.indices[b]), images_.rows()[b]);
    }
    worker.wait();
  }
  for (std::size_t l = 0; l < hidden_.size(); ++l) {
    LayerInputs& inputs = workspaces_[worker.index()].inputs[l];
    if (l == 0) {
      inputs.list_pixels(batch);
      catch_up(worker);
    } else {
      worker.wait();
      inputs.list_activations(hidden_[l - 1].outputs.rows(), batch.size());
    }
    for (const Slice& slice : slices_of(worker)) {
      slice.hidden[l].forward(inputs, batch.size(), hidden_[l].outputs.rows());
    }
  }
  for (Slice& slice : slices_of(worker)) {
    slice.output.forward(batch.size(), output_inputs(slice), group_rows(logits_));
  }
  worker.wait();
}

/// Brings the weights up to date that the batch will use.
void SparseNetwork::catch_up(const Worker& worker) {
  if (!has_velocity_) return;
  const EntryLists by_input = workspaces_[worker.index()].inputs.front().by_input();
  for (Slice& slice : slices_of(worker)) {
    slice.lazy_updates.catch_up(slice.hidden.front().weights(), by_input);
  }
}

/// Each worker computes the losses of all images, which takes less time than to wait for those of
/// the others.
double SparseNetwork::losses(const Worker& worker, const Examples& batch) {
  const float scale = 1.0F / static_cast<float>(batch.size());
  double loss = 0.0;
  for (std::size_t b = 0; b < batch.size(); ++b) {
    float* const deltas = workspaces_[worker.index()].logit_deltas.rows()[b];
    add_up_logits(worker, b, deltas);
    loss += softmax_cross_entropy(deltas, batch.label(b), scale, label_smoothing_);
  }
  return loss;
}

void SparseNetwork::backward(Worker& worker, std::size_t batch) {
  Workspace& own = workspaces_[worker.index()];
  const Rows logit_deltas = own.logit_deltas.rows();
  for (Slice& slice : slices_of(worker)) {
    const std::size_t begin = slice.output.columns().begin;
    const Rows deltas = hidden_.empty() ? Rows{} : hidden_.back().deltas.rows().from(begin);
    slice.output.backward_and_update(batch, logit_deltas, output_inputs(slice), deltas, sgd_);
  }
  update_biases(batch, logit_deltas, sgd_, own.output_biases.weights.rows().data,
                own.output_biases.velocity.rows().data);
  for (std::size_t l = hidden_.size(); l-- > 0;) {
    const GroupRows groups = group_rows(hidden_[l].input_deltas);
    for (Slice& slice : slices_of(worker)) {
      HiddenSlice& hidden = slice.hidden[l];
      const Rows deltas = hidden_[l].deltas.rows().from(hidden.columns().begin);
      if (l == 0) {
        hidden.update(own.inputs[l], deltas, sgd_);
      } else {
        hidden.backward_and_update(own.inputs[l], deltas, groups, sgd_);
      }
    }
    if (l == 0) return;
    worker.wait();
    for (const Slice& slice : slices_of(worker)) {
      add_up_deltas(groups, groups_of(sizes_[l + 1]), batch, slice.hidden[l - 1].columns(),
                    hidden_[l - 1].outputs.rows(), hidden_[l - 1].deltas.rows());
    }
  }
}

}  // namespace mnist
