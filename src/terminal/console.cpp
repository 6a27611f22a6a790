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

void write_out(const std::string& text) {
  errno = 0;
  if (std::cout << text << std::flush) return;
  const int error = errno;
  std::cout.clear();                     // so that the next failure is known by its own errno
  if (noted_signal() == SIGHUP) return;  // the terminal is gone, and what matters is to save
  if (error == EPIPE && is_stopped_with_reader()) return;
  fail(ErrorKind::kOutput, "cannot write to standard output: {}", std::strerror(error));
}

void print_error(const std::string& message) {
  std::cerr << "mnist-train: error: " + printable(message) + "\n" << std::flush;
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

void ProgressBar::show(const Progress& progress) {
  constexpr auto kRedraw = std::chrono::milliseconds(100);
  const auto now = std::chrono::steady_clock::now();
  if (now - last_drawn_ < kRedraw) return;
  last_drawn_ = now;
  const Display display = display_of(STDERR_FILENO);  // whose width may change
  if (!display.is_terminal) return;
  std::cerr << '\r' << progress_line(progress, display.columns - 1) << "\x1b[K" << std::flush;
  is_shown_ = true;
}

void ProgressBar::clear() {
  if (!is_shown_) return;
  std::cerr << "\r\x1b[K" << std::flush;
  is_shown_ = false;
}

}  // namespace mnist
