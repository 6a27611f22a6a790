#pragma once

#include <torch/types.h>

#include <cstdint>
#include <vector>

#include "mnist_train/options.h"

namespace mnist {

/// The order in which an epoch (which counts from 1) takes so many images, [images] int64:
/// shuffled, or that of the file.
torch::Tensor image_order(const TrainingOptions& options, std::int64_t epoch, std::int64_t images);

/// A part of an epoch: whole batches with the same learning rate.
struct Segment {
  std::int64_t begin;  ///< images of the epoch's order, begin .. end-1
  std::int64_t end;
  double lr;
};

/// Whether the learning rate changes during training.
bool rate_changes(const TrainingOptions& options);

/// The learning rate after `epochs` epochs, which need not be whole: linear warm-up from 0 to
/// options.lr, then constant, or linear or cosine decay to 0 at the end of options.epochs.
/// Sources: P. Goyal et al., "Accurate, Large Minibatch SGD", 2017, for the warm-up; I. Loshchilov,
/// F. Hutter, "SGDR", 2017, for the cosine, here without restarts.
double learning_rate(const TrainingOptions& options, double epochs);

/// The segments of an epoch (which counts from 1) of so many images: eight if the learning rate
/// changes or images are augmented, else one; fewer if there are fewer batches. Segment k of n has
/// the batches k*B/n .. (k+1)*B/n-1 of B, rounded down, and the rate of its middle, that is after
/// epoch - 1 + (k + 1/2)/n epochs. It depends on nothing but the arguments.
std::vector<Segment> segments(const TrainingOptions& options, std::int64_t epoch,
                              std::int64_t images);

}  // namespace mnist
