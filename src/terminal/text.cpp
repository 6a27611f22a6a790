#include "terminal/text.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace mnist {
namespace {

std::string digit_table(const ConfusionMatrix& confusion) {
  constexpr const char* kRow = "{:>5}  {:>7}  {:>6}  {:>9}";
  std::string table = fmt::format(kRow, "digit", "correct", "total", "accuracy");
  for (std::int64_t digit = 0; digit < kDigits; ++digit) {
    const std::int64_t correct = confusion.correct(digit);
    const std::int64_t total = confusion.total(digit);
    const std::string percent = total == 0 ? "-" : percent_text(accuracy(correct, total)) + " %";
    table += "\n" + fmt::format(kRow, digit, correct, total, percent);
  }
  return table;
}

/// 5 -> "0:05", 4000 -> "1:06:40". Seconds, rounded up.
std::string clock_text(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::ceil(seconds));
  const std::int64_t hours = whole / 3600;
  const std::int64_t minutes = whole / 60 % 60;
  if (hours == 0) return fmt::format("{}:{:02}", minutes, whole % 60);
  return fmt::format("{}:{:02}:{:02}", hours, minutes, whole % 60);
}

std::string epoch_of(std::int64_t epoch, std::int64_t epochs) {
  const std::string last = std::to_string(epochs);
  return fmt::format("epoch {:>{}}/{}", epoch, last.size(), last);
}

}  // namespace

std::string epoch_line(const EpochResult& result) {
  std::string validation;
  if (result.validation_loss) {
    validation = fmt::format("  validation loss {:.6f} {} %", *result.validation_loss,
                             percent_text(result.validation_accuracy.value()));
  }
  const std::string rate = result.lr ? fmt::format("  lr {:.2g}", *result.lr) : "";
  return fmt::format("{}  loss {:.6f}{}{}  {:.2f} s  {:.0f} images/s",
                     epoch_of(result.epoch, result.epochs), result.train_loss, validation, rate,
                     result.seconds, result.images_per_second);
}

std::string evaluation_text(const Evaluation& evaluation, const std::string& kind) {
  const std::int64_t correct = evaluation.confusion.correct();
  const std::int64_t total = evaluation.confusion.total();
  const auto [low, high] = wilson_interval(correct, total);
  return fmt::format(
      "{} loss {:.6f}\n\n{}\n\naccuracy {} % ({} of {}, 95 % interval {:.2f} to {:.2f} %)", kind,
      evaluation.loss, digit_table(evaluation.confusion), percent_text(evaluation.accuracy()),
      correct, total, 100 * low, 100 * high);
}

std::string confusion_table(const ConfusionMatrix& confusion) {
  std::string table = "true \\ pred  ";
  for (std::int64_t digit = 0; digit < kDigits; ++digit) table += fmt::format("{:>6}", digit);
  for (std::int64_t truth = 0; truth < kDigits; ++truth) {
    table += fmt::format("\n{:>13}{:>6}", truth, fmt::join(confusion.counts.at(truth), ""));
  }
  return table;
}

std::string progress_line(const Progress& progress, int width) {
  const double epoch_done =
      static_cast<double>(progress.images_done) / static_cast<double>(progress.images);
  const double run_done =
      (static_cast<double>(progress.epoch - 1 - progress.epochs_before) + epoch_done) /
      static_cast<double>(progress.epochs - progress.epochs_before);
  const std::string text = fmt::format(
      "{} {:3.0f} %  ETA {}  {:.0f} images/s", epoch_of(progress.epoch, progress.epochs),
      std::floor(100 * epoch_done), clock_text(progress.seconds * (1 - run_done) / run_done),
      static_cast<double>(progress.images_done) / progress.epoch_seconds);
  constexpr int kWidestBar = 40;
  constexpr int kNarrowestBar = 8;
  const int cells = std::min(width - static_cast<int>(text.size()) - 4, kWidestBar);
  if (cells < kNarrowestBar) return text.substr(0, static_cast<std::size_t>(width));
  const int filled = static_cast<int>(epoch_done * cells);
  return fmt::format("{}  [{:#<{}}{:.<{}}]", text, "", filled, "", cells - filled);
}

}  // namespace mnist
