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

Shades shades_of(const std::string& term) {
  const std::string color = environment("COLORTERM");
  if (color == "truecolor" || color == "24bit" || contains(term, "direct")) {
    return Shades::kTrueColor;
  }
  return contains(term, "256color") ? Shades::k256 : Shades::kAscii;
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
  display.is_utf8 = is_utf8_locale();
  display.is_terminal = !term.empty() && term != "dumb";
  if (display.is_terminal && display.is_utf8 && environment("NO_COLOR").empty()) {
    display.shades = shades_of(term);
  }
  return display;
}

}  // namespace mnist
