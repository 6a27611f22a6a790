#include "terminal/console.h"

#include <signal.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include "base/fail.h"
#include "base/process.h"
#include "base/text.h"
#include "terminal/display.h"
#include "terminal/text.h"

namespace mnist {
namespace {

void write_to(std::ostream& out, const std::string& text) {
  errno = 0;
  if (out << text << std::flush) return;
  const bool is_closed_pipe = errno == EPIPE;
  out.clear();                           // so that the next failure is known by its own errno
  if (noted_signal() == SIGHUP) return;  // the terminal is gone, and what matters is to save
  if (is_closed_pipe && is_stopped_with_reader()) return;
  fail(ErrorKind::kOutput, "standard output could not be written; check where it is sent to");
}

}  // namespace

Console::Console(std::ostream& out, std::ostream& err, ConsoleStyle style)
    : out_(out), err_(err), style_(style) {}

void Console::on_step(const Progress& progress) {
  if (!style_.bar_width) return;
  constexpr auto kRedraw = std::chrono::milliseconds(100);
  const auto now = std::chrono::steady_clock::now();
  if (now - last_drawn_ < kRedraw) return;
  last_drawn_ = now;
  err_ << '\r' << progress_line(progress, style_.bar_width()) << "\x1b[K" << std::flush;
  bar_shown_ = true;
}

void Console::on_epoch(const EpochResult& result) {
  clear_bar();
  if (!style_.shows_epochs) return;
  constexpr int kMostSparks = 16;
  constexpr int kFewestSparks = 4;
  const std::string line = epoch_line(result) + "  ";
  const int room = std::min(kMostSparks, style_.spark_columns - static_cast<int>(line.size()));
  losses_.push_back(result.train_loss);
  if (losses_.size() > kMostSparks) losses_.erase(losses_.begin());
  if (room < kFewestSparks) return print(epoch_line(result));
  const auto shown = std::min(static_cast<std::ptrdiff_t>(losses_.size()), std::ptrdiff_t{room});
  print(line + spark_line({losses_.end() - shown, losses_.end()}));
}

void Console::show(const Evaluation& evaluation, const std::string& kind) {
  print("\n" + evaluation_text(evaluation, kind));
}

void Console::clear_bar() {
  if (!bar_shown_) return;
  err_ << "\r\x1b[K" << std::flush;
  bar_shown_ = false;
}

void Console::print(const std::string& text) { write_to(out_, text + "\n"); }

void write_out(const std::string& text) { write_to(std::cout, text); }

void print_error(const std::string& message) {
  std::cerr << "mnist-train: error: " + printable(message) + "\n" << std::flush;
}

ConsoleStyle console_style() {
  const Display out = display_of(STDOUT_FILENO);
  ConsoleStyle style;
  if (display_of(STDERR_FILENO).is_terminal) {  // whose width may change
    style.bar_width = [] { return display_of(STDERR_FILENO).columns - 1; };
  }
  if (out.is_terminal && out.is_utf8) style.spark_columns = out.columns;
  return style;
}

void set_up_log(Verbosity verbosity) {
  const bool plain = !environment("NO_COLOR").empty();
  // Not by spdlog's factory, which refuses a second logger of that name in the same process.
  auto logger = std::make_shared<spdlog::logger>(
      "mnist-train", std::make_shared<spdlog::sinks::stderr_color_sink_st>(
                         plain ? spdlog::color_mode::never : spdlog::color_mode::automatic));
  logger->set_pattern("%T %^%L%$ %v");
  logger->set_level(verbosity == Verbosity::kQuiet     ? spdlog::level::warn
                    : verbosity == Verbosity::kVerbose ? spdlog::level::debug
                                                       : spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace mnist
