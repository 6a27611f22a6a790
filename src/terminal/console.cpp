#include "terminal/console.h"

#include <signal.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
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
  const int error = errno;
  out.clear();                           // so that the next failure is known by its own errno
  if (noted_signal() == SIGHUP) return;  // the terminal is gone, and what matters is to save
  if (error == EPIPE && is_stopped_with_reader()) return;
  fail(ErrorKind::kOutput, "cannot write to standard output: {}", std::strerror(error));
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
  if (style_.shows_epochs) print(epoch_line(result));
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
  ConsoleStyle style;
  if (display_of(STDERR_FILENO).is_terminal) {  // whose width may change
    style.bar_width = [] { return display_of(STDERR_FILENO).columns - 1; };
  }
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
