#include "commands/train_log.h"

#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "data/data_files.h"
#include "kernels/kernels.h"
#include "mnist_train/shape.h"
#include "train/runtime.h"

namespace mnist {

void log_versions() {
  if (!spdlog::should_log(spdlog::level::debug)) return;
  std::istringstream lines(version_text());
  for (std::string line; std::getline(lines, line);) spdlog::debug("with     {}", line);
}

namespace {

/// Whether the first images are black, or nearly so, as where 1 and not 255 stands for white.
bool is_nearly_black(const Dataset& data) {
  constexpr std::int64_t kEnough = 100;
  return data.images.slice(0, 0, kEnough).max().item<std::uint8_t>() <= 1;
}

/// The digits of which there is no image: "7, 9".
std::string missing_digits(const Dataset& data) {
  const torch::Tensor counts = data.labels.bincount({}, kDigits);
  std::vector<std::int64_t> missing;
  for (std::int64_t digit = 0; digit < kDigits; ++digit) {
    if (counts[digit].item<std::int64_t>() == 0) missing.push_back(digit);
  }
  return fmt::format("{}", fmt::join(missing, ", "));
}

void warn_of_missing_digits(const Dataset& data, const char* name) {
  if (data.size() == 0) return;
  const std::string missing = missing_digits(data);
  if (!missing.empty()) spdlog::warn("the {} set has no image of {}", name, missing);
}

void warn_of_schedule(const TrainingOptions& options) {
  if (options.warmup >= static_cast<double>(options.epochs)) {
    spdlog::warn(
        "--warmup {} is not shorter than --epochs {}: the learning rate never reaches its peak",
        options.warmup, options.epochs);
  }
  if (options.lr_schedule == LrSchedule::kConstant) return;
  for (const auto& [name, is_set] : {std::pair{"--patience", options.patience.has_value()},
                                     std::pair{"--max-time", options.max_seconds.has_value()}}) {
    if (is_set) spdlog::warn("{} may end training before the learning rate has decayed", name);
  }
}

}  // namespace

void log_data(const DataSplits& data) {
  const std::string validation =
      data.validation.size() == 0 ? "" : fmt::format(", {} validation", data.validation.size());
  spdlog::info("data     {}: {} training{} and {} test images{}", printable(data.dir),
               data.train.size(), validation, data.test.size(), describe_set(data.dir));
  if (is_nearly_black(data.train)) {
    spdlog::warn("{}: the first images have no pixel above 1; expected up to 255",
                 printable(data.dir));
  }
  warn_of_missing_digits(data.train, "training");
  warn_of_missing_digits(data.validation, "validation");
  warn_of_missing_digits(data.test, "test");
  if (data.test.size() > 0) return;
  spdlog::warn("{}: no test set ({} not found); the result is that of the validation set",
               printable(data.dir), fmt::join(missing_files(data.dir, Split::kTest), ", "));
}

void log_model(const MlpImpl& model) { spdlog::info("model    {}", describe(model)); }

void log_training(const Options& options, const Plan& plan, const Engine& engine) {
  spdlog::info("options  {}", describe_training(options));
  warn_of_schedule(options.training);
  const char* const rounding =
      plan.engine == EngineKind::kSparse && !has_fused_multiply_add()
          ? "; the last digits differ from those of CPUs with fused multiply-add"
          : "";
  spdlog::info("engine   {} on {}, {}{}; {} thread{}", engine.name(), plan.device.str(),
               plan.reason, rounding, engine.threads(), engine.threads() == 1 ? "" : "s");
}

}  // namespace mnist
