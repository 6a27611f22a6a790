#include "mnist_train/console.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <iostream>
#include <string>

#include "mnist_train/environment.h"
#include "mnist_train/error.h"
#include "mnist_train/terminal.h"
#include "mnist_train/text.h"

namespace mnist {
namespace {

void write_to(std::ostream& out, const std::string& text) {
  if (out << text << std::flush) return;
  throw Error(ExitCode::kOutput, "standard output could not be written; check where it is sent to");
}

}  // namespace

Console::Console(std::ostream& out, std::ostream& err, int bar_width, bool shows_epochs)
    : out_(out), err_(err), bar_width_(bar_width), shows_epochs_(shows_epochs) {}

void Console::on_step(const Progress& progress) {
  if (bar_width_ == 0) return;
  constexpr auto kRedraw = std::chrono::milliseconds(100);
  const auto now = std::chrono::steady_clock::now();
  if (now - last_drawn_ < kRedraw) return;
  last_drawn_ = now;
  err_ << '\r' << progress_line(progress, bar_width_) << "\x1b[K" << std::flush;
  bar_shown_ = true;
}

void Console::on_epoch(const EpochResult& result) {
  clear_bar();
  if (shows_epochs_) print(epoch_line(result));
}

void Console::show(const Evaluation& evaluation) { print("\n" + evaluation_text(evaluation)); }

void Console::clear_bar() {
  if (!bar_shown_) return;
  err_ << "\r\x1b[K" << std::flush;
  bar_shown_ = false;
}

void Console::print(const std::string& text) { write_to(out_, text + "\n"); }

void write_out(const std::string& text) { write_to(std::cout, text); }

int terminal_bar_width() {
  const Display display = display_of(STDERR_FILENO);
  return display.is_terminal ? display.columns - 1 : 0;  // the last column would wrap
}

void set_up_log(Verbosity verbosity) {
  const bool plain = !environment("NO_COLOR").empty();
  auto logger = spdlog::stderr_color_st(
      "mnist-train", plain ? spdlog::color_mode::never : spdlog::color_mode::automatic);
  logger->set_pattern("%T %^%L%$ %v");
  logger->set_level(verbosity == Verbosity::kQuiet     ? spdlog::level::warn
                    : verbosity == Verbosity::kVerbose ? spdlog::level::debug
                                                       : spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace mnist
