#include "terminal/display.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <string>

#include "base/process.h"

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

}  // namespace mnist
