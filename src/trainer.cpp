#include "mnist_train/trainer.h"

#include <chrono>
#include <cmath>
#include <optional>
#include <string>

#include "mnist_train/error.h"

namespace mnist {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace

void train(Engine& engine, std::int64_t images, const TrainingOptions& options,
           TrainingObserver& observer) {
  const Clock::time_point start = Clock::now();
  for (std::int64_t epoch = 1; epoch <= options.epochs; ++epoch) {
    const Clock::time_point epoch_start = Clock::now();
    std::optional<torch::Tensor> order;
    if (options.shuffle) order = epoch_order(images, options.seed, epoch);
    // A cross-entropy is not negative; the sign of a NaN would only confuse.
    const double loss = std::abs(engine.train_epoch(order, [&](std::int64_t images_done) {
      observer.on_step({epoch, options.epochs, images_done, images, seconds_since(epoch_start),
                        seconds_since(start)});
    }));
    const double seconds = seconds_since(epoch_start);
    observer.on_epoch(
        {epoch, options.epochs, loss, seconds, static_cast<double>(images) / seconds});
    if (!std::isfinite(loss)) {
      throw Error(ExitCode::kDiverged,
                  "training diverged: expected a finite loss, found " + std::to_string(loss) +
                      " in epoch " + std::to_string(epoch) + " of " +
                      std::to_string(options.epochs) + "; try a smaller --lr or --momentum");
    }
  }
}

}  // namespace mnist
