#include "train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "mnist_train/data.h"

namespace mnist {

torch::Tensor image_order(const TrainingOptions& options, std::int64_t epoch, std::int64_t images) {
  return options.shuffle ? epoch_order(images, options.seed, epoch) : torch::arange(images);
}

bool rate_changes(const TrainingOptions& options) {
  return options.lr_schedule != LrSchedule::kConstant || options.warmup > 0.0;
}

double learning_rate(const TrainingOptions& options, double epochs) {
  if (epochs < options.warmup) return options.lr * epochs / options.warmup;
  const double done =
      (epochs - options.warmup) / (static_cast<double>(options.epochs) - options.warmup);
  switch (options.lr_schedule) {
    case LrSchedule::kConstant:
      break;
    case LrSchedule::kLinear:
      return options.lr * (1.0 - done);
    case LrSchedule::kCosine:
      return options.lr * (1.0 + std::cos(std::numbers::pi * done)) / 2.0;
  }
  return options.lr;
}

std::vector<Segment> segments(const TrainingOptions& options, std::int64_t epoch,
                              std::int64_t images) {
  constexpr std::int64_t kSegments = 8;
  const bool is_divided = rate_changes(options) || options.augment.kind != Augment::kNone;
  const std::int64_t batches = (images + options.batch - 1) / options.batch;
  const std::int64_t count = is_divided ? std::min(kSegments, batches) : 1;
  std::vector<Segment> result;
  for (std::int64_t k = 0; k < count; ++k) {
    const auto first_image = [&](std::int64_t segment) {
      return std::min(segment * batches / count * options.batch, images);
    };
    const double middle = (static_cast<double>(k) + 0.5) / static_cast<double>(count);
    result.push_back({first_image(k), first_image(k + 1),
                      learning_rate(options, static_cast<double>(epoch - 1) + middle)});
  }
  return result;
}

}  // namespace mnist
