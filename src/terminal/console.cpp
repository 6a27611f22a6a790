#include "terminal/console.h"

#include <signal.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <iostream>
#include <memory>

#include "base/fail.h"
#include "base/process.h"
#include "base/text.h"
#include "terminal/text.h"

namespace mnist {
namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// The first of these variables that is set decides. Source: POSIX, "Environment Variables".
bool is_utf8_locale() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string locale = environment(name);
    if (locale.empty()) continue;
    return contains(locale, "UTF-8") || contains(locale, "utf8") || contains(locale, "utf-8");
  }
  return false;
}

bool has_256_colors(const std::string& term) {
  return contains(term, "256color") || contains(term, "direct") ||
         !environment("COLORTERM").empty();
}

}  // namespace

Display display_of(int descriptor) {
  Display display;
  const std::string term = environment("TERM");
  if (isatty(descriptor) == 0) return display;
  winsize window{};
  if (ioctl(descriptor, TIOCGWINSZ, &window) == 0 && window.ws_col > 0) {
    display.columns = window.ws_col;
  }
  display.is_terminal = !term.empty() && term != "dumb";
  display.has_grays = display.is_terminal && has_256_colors(term) && is_utf8_locale() &&
                      environment("NO_COLOR").empty();
  return display;
}

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
  const auto color = plain ? spdlog::color_mode::never : spdlog::color_mode::automatic;
  spdlog::default_logger()->sinks() = {
      std::make_shared<spdlog::sinks::stderr_color_sink_st>(color)};
  spdlog::set_pattern("%T %^%L%$ %v");
  spdlog::set_level(verbosity == Verbosity::kQuiet     ? spdlog::level::warn
                    : verbosity == Verbosity::kVerbose ? spdlog::level::debug
                                                       : spdlog::level::info);
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
