#include "commands/train_log.h"

#include <ATen/Context.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "data/data_files.h"
#include "data/near_misses.h"
#include "train/runtime.h"

namespace mnist {

void log_versions() {
  if (!spdlog::should_log(spdlog::level::debug)) return;
  std::istringstream lines(version_text());
  for (std::string line; std::getline(lines, line);) spdlog::debug("with     {}", line);
}

namespace {

/// Whether the first images are black, or nearly so, as where 1 and not 255 stands for white.
bool are_nearly_black(const Dataset& data) {
  constexpr std::int64_t kEnough = 100;
  constexpr float kOneOf255 = 1.0F / 255.0F;
  return data.images.slice(0, 0, kEnough).max().item<float>() <= kOneOf255;
}

}  // namespace

void log_data(const DataSplits& data) {
  const std::string validation =
      data.validation.size() == 0 ? "" : fmt::format(", {} validation", data.validation.size());
  spdlog::info("data     {}: {} training{} and {} test images{}", data.dir, data.train.size(),
               validation, data.test.size(), describe_set(data.dir));
  if (are_nearly_black(data.train)) {
    spdlog::warn(
        "no pixel of the first images in {} is more than 1 of 255; if white was meant, write 255",
        data.dir);
  }
  if (data.test.size() > 0) return;
  const std::vector<std::string> missing = missing_files(data.dir, Split::kTest);
  spdlog::warn(
      "no test images in {}, since there is no {}{}: the result is that of the validation images",
      data.dir, fmt::join(missing, " and no "), find_near_misses(data.dir, missing).found);
}

void log_engine(const EngineChoice& choice, const Options& options) {
  const Engine& engine = *choice.engine;
  // Whether there is a GPU is not asked where none would be taken: that takes time.
  const bool may_take_gpu =
      at::Context::hasCUDART() && options.device == "auto" && options.engine != EngineKind::kSparse;
  spdlog::info("engine   {} on {}, {}{}; {} thread{}", engine.name(), engine.device(),
               choice.reason,
               may_take_gpu && !favours_gpu(options.training)
                   ? "; auto takes no GPU for batches and layers this small"
                   : "",
               engine.threads(), engine.threads() == 1 ? "" : "s");
}

void warn_of_schedule(const TrainingOptions& options) {
  if (options.warmup >= static_cast<double>(options.epochs)) {
    spdlog::warn(
        "--warmup {}: expected fewer epochs than --epochs {}, since the learning rate only "
        "rises in them",
        options.warmup, options.epochs);
  }
  if (options.lr_schedule == LrSchedule::kConstant) return;
  for (const auto& [name, is_set] : {std::pair{"--patience", options.patience.has_value()},
                                     std::pair{"--max-time", options.max_seconds.has_value()}}) {
    if (!is_set) continue;
    spdlog::warn(
        "{} may end training before the learning rate has fallen, and a run does best when "
        "it has",
        name);
  }
}

}  // namespace mnist
