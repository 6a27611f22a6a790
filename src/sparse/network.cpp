#include "sparse/network.h"

#include <algorithm>
#include <future>

#include "mnist_train/shape.h"

namespace mnist {
namespace {

/// The columns of a layer that the slice gets, perhaps none: whole vectors.
Range columns_of(std::size_t width, std::size_t slice, std::size_t slices) {
  const std::size_t vectors = (width + kRowMultiple - 1) / kRowMultiple;
  const std::size_t share = (vectors + slices - 1) / slices * kRowMultiple;
  return {std::min(slice * share, width), std::min((slice + 1) * share, width)};
}

/// As many as there may be threads, unless the widest layer's vectors are shared out before.
std::size_t slices_for(const TrainingOptions& options) {
  std::size_t most = 1;
  for (const std::int64_t width : options.hidden) {
    most = std::max(most, (static_cast<std::size_t>(width) + kRowMultiple - 1) / kRowMultiple);
  }
  const auto threads = static_cast<std::size_t>(options.threads);
  const std::size_t share = (most + threads - 1) / threads;
  return (most + share - 1) / share;
}

/// Brings the weights up to date that the batch will use.
void meet_inputs(SparseNetwork::Slice& slice, const SparseImages& images, const Batch& batch) {
  const LayerView first = slice.hidden.front().view();
  for (std::size_t b = 0; b < batch.count; ++b) {
    const auto image = static_cast<std::size_t>(batch.indices[b]);
    for (std::size_t e = images.begin[image]; e < images.begin[image + 1]; ++e) {
      slice.idle_rows.meet(first, images.pixels[e]);
    }
  }
}

}  // namespace

SparseNetwork::SparseNetwork(const TrainingOptions& options, std::size_t max_batch)
    : sgd_{static_cast<float>(options.lr), static_cast<float>(options.momentum),
           static_cast<float>(options.weight_decay)},
      has_velocity_(options.momentum != 0.0 || options.weight_decay != 0.0),
      max_batch_(max_batch) {
  std::vector<std::size_t> widths{static_cast<std::size_t>(kPixels)};
  widths.insert(widths.end(), options.hidden.begin(), options.hidden.end());
  const std::size_t layers = widths.size() - 1;
  const std::size_t slices = slices_for(options);
  for (std::size_t s = 0; s < slices; ++s) {
    std::vector<SparseLayer> hidden;
    for (std::size_t l = 0; l < layers; ++l) {
      hidden.emplace_back(widths[l], columns_of(widths[l + 1], s, slices), max_batch, has_velocity_,
                          l == 0);
    }
    const Range last = columns_of(widths.back(), s, slices);
    const std::size_t inputs = last.end - last.begin;
    slices_.push_back({std::move(hidden), SparseOutput(inputs, max_batch, has_velocity_),
                       RowStorage(max_batch, inputs), IdleRows(sgd_, widths.front())});
    logits_.push_back(slices_.back().output.logits());
  }
  for (std::size_t l = 0; l < layers; ++l) outputs_.emplace_back(max_batch, widths[l + 1]);
  if (layers == 0) outputs_.emplace_back(max_batch, widths.front());
}

double SparseNetwork::train_epoch(const Selection& epoch, const OnStep& on_step) {
  double loss = 0.0;
  for_all_slices([&](std::size_t s, Barrier& barrier) {
    if (s == 0) {
      loss = train_slice(s, epoch, on_step, barrier);
    } else {
      train_slice(
          s, epoch, [](std::size_t) {}, barrier);
    }
  });
  return loss;
}

Evaluation SparseNetwork::evaluate(const Selection& test) {
  const std::size_t batch_size = std::min(max_batch_, kForwardImages);
  Evaluation result{};
  for_all_slices([&](std::size_t s, Barrier& barrier) {
    for (std::size_t begin = 0; begin < test.count; begin += batch_size) {
      const std::size_t count = std::min(batch_size, test.count - begin);
      const Batch batch{test.labels, test.indices + begin, count};
      forward(slices_[s], test.images, batch, barrier);
      if (s == 0) slices_[s].output.test(batch, logits_, result);
      barrier.wait();  // the logits may be overwritten from here on
    }
  });
  result.loss /= static_cast<double>(test.count);
  return result;
}

/// A thread for each slice, the first of them the calling thread.
void SparseNetwork::for_all_slices(const SliceTask& task) {
  Barrier barrier(slices_.size());
  std::vector<std::future<void>> others;
  try {
    for (std::size_t s = 1; s < slices_.size(); ++s) {
      others.push_back(std::async(std::launch::async, [&, s] {
        try {
          task(s, barrier);
        } catch (const Barrier::Cancelled&) {
          return;
        } catch (...) {
          barrier.cancel();
          throw;
        }
      }));
    }
    task(0, barrier);
    for (std::future<void>& other : others) other.get();
  } catch (...) {
    barrier.cancel();
    for (std::future<void>& other : others) {
      if (other.valid()) other.get();  // if it threw, then that is why we were cancelled
    }
    throw;
  }
}

double SparseNetwork::train_slice(std::size_t index, const Selection& epoch, const OnStep& on_step,
                                  Barrier& barrier) {
  double loss = 0.0;
  for (std::size_t begin = 0; begin < epoch.count; begin += max_batch_) {
    const std::size_t end = std::min(begin + max_batch_, epoch.count);
    loss += step(index, epoch.images, {epoch.labels, epoch.indices + begin, end - begin}, barrier);
    on_step(end);
  }
  Slice& slice = slices_[index];
  if (has_velocity_ && !slice.hidden.empty()) slice.idle_rows.finish(slice.hidden.front().view());
  return loss;
}

double SparseNetwork::step(std::size_t index, const SparseImages& images, const Batch& batch,
                           Barrier& barrier) {
  Slice& slice = slices_[index];
  if (has_velocity_ && !slice.hidden.empty()) meet_inputs(slice, images, batch);
  const Rows outputs = forward(slice, images, batch, barrier);
  const double loss = slice.output.loss(batch, logits_);
  if (!slice.hidden.empty()) slice.output.backward(batch.count, outputs, slice.deltas.rows());
  slice.output.update(batch.count, outputs, sgd_);

  Rows deltas = slice.deltas.rows();
  for (std::size_t l = slice.hidden.size(); l-- > 0;) {
    if (l == 0) {
      slice.hidden[l].update(deltas, sgd_);
    } else {
      slice.hidden[l].backward_and_update(deltas, sgd_);
      barrier.wait();
      deltas = collect_deltas(index, l, batch.count);
    }
  }
  slice.idle_rows.end_step();
  barrier.wait();  // what has been exchanged may be overwritten from here on
  return loss;
}

/// Has all slices' parts of the images' logits ready. Returns the slice's columns of what the
/// output layer takes.
Rows SparseNetwork::forward(Slice& slice, const SparseImages& images, const Batch& batch,
                            Barrier& barrier) {
  for (SparseLayer& layer : slice.hidden) layer.forget_inputs();
  for (std::size_t begin = 0; begin < batch.count; begin += kForwardImages) {
    const Range chunk{begin, std::min(begin + kForwardImages, batch.count)};
    for (std::size_t b = chunk.begin; b < chunk.end; ++b) {
      take_image(slice, images, static_cast<std::size_t>(batch.indices[b]), b);
    }
    for (std::size_t l = 0; l < slice.hidden.size(); ++l) {
      if (l > 0) {
        barrier.wait();
        for (std::size_t b = chunk.begin; b < chunk.end; ++b) {
          slice.hidden[l].take_outputs(outputs_[l - 1].rows()[b], b);
        }
      }
      slice.hidden[l].forward(chunk, outputs_[l].rows());
    }
  }
  const std::size_t first = slice.hidden.empty() ? 0 : slice.hidden.back().columns().begin;
  const Rows outputs = outputs_.back().rows().from(first);
  slice.output.forward(batch.count, outputs);
  barrier.wait();
  return outputs;
}

void SparseNetwork::take_image(Slice& slice, const SparseImages& images, std::size_t index,
                               std::size_t image) {
  if (slice.hidden.empty()) {
    const Rows rows = outputs_.front().rows();
    std::fill_n(rows[image], rows.stride, 0.0F);
    for (std::size_t e = images.begin[index]; e < images.begin[index + 1]; ++e) {
      rows[image][images.pixels[e]] = pixel_value(images.values[e]);
    }
    return;
  }
  slice.hidden.front().take_image(images, index, image);
}

/// The deltas of the slice's columns of the hidden layer before `layer`, to which all slices'
/// columns of that have added.
Rows SparseNetwork::collect_deltas(std::size_t index, std::size_t layer, std::size_t count) {
  const Range columns = slices_[index].hidden[layer - 1].columns();
  const Rows sums = slices_[index].hidden[layer].input_deltas();
  for (std::size_t s = 0; s < slices_.size(); ++s) {
    if (s == index) continue;
    const Rows others = slices_[s].hidden[layer].input_deltas();
    for (std::size_t b = 0; b < count; ++b) {
      for (std::size_t c = columns.begin; c < columns.end; ++c) sums[b][c] += others[b][c];
    }
  }
  return sums.from(columns.begin);
}

}  // namespace mnist
