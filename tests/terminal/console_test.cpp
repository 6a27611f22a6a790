#include "terminal/console.h"

#include <fcntl.h>
#include <pty.h>
#include <unistd.h>

#include "support.h"

namespace mnist {
namespace {

using test::Environment;

/// What is said of a terminal of 100 columns.
Display display_of_terminal() {
  const winsize window{24, 100, 0, 0};
  int master = -1;
  int slave = -1;
  EXPECT_EQ(openpty(&master, &slave, nullptr, nullptr, &window), 0);
  const Display display = display_of(slave);
  close(master);
  close(slave);
  return display;
}

bool has_grays(const char* term, const char* color, const char* locale, const char* no_color) {
  const Environment a("TERM", term);
  const Environment b("COLORTERM", color);
  const Environment c("LC_ALL", locale);
  const Environment d("NO_COLOR", no_color);
  return display_of_terminal().has_grays;
}

TEST(Display, HasGraysIfTheTerminalHas) {
  EXPECT_FALSE(has_grays("xterm", nullptr, "C.UTF-8", nullptr));
  EXPECT_TRUE(has_grays("xterm-256color", nullptr, "C.UTF-8", nullptr));
  EXPECT_TRUE(has_grays("xterm", "truecolor", "de_DE.utf8", nullptr));
  EXPECT_TRUE(has_grays("xterm-direct", nullptr, "C.UTF-8", nullptr));
  EXPECT_FALSE(has_grays("xterm-256color", "truecolor", "C", nullptr));
  EXPECT_FALSE(has_grays("xterm-256color", "truecolor", "C.UTF-8", "1"));
  EXPECT_FALSE(has_grays("dumb", "truecolor", "C.UTF-8", nullptr));
}

TEST(Display, TakesTheFirstLocaleThatIsSet) {
  const Environment language("LANG", "C.UTF-8");
  const Environment c("LC_CTYPE", "C");
  EXPECT_FALSE(has_grays("xterm-256color", nullptr, nullptr, nullptr));
  const Environment unset("LC_CTYPE", nullptr);
  EXPECT_TRUE(has_grays("xterm-256color", nullptr, nullptr, nullptr));
}

TEST(Display, HasTheWidthOfTheWindow) {
  const Environment term("TERM", "xterm");
  EXPECT_EQ(display_of_terminal().columns, 100);
  EXPECT_TRUE(display_of_terminal().is_terminal);
  const int file = open("/dev/null", O_WRONLY | O_CLOEXEC);
  const Display display = display_of(file);
  close(file);
  EXPECT_EQ(display.columns, 80);
  EXPECT_FALSE(display.is_terminal);
  EXPECT_FALSE(display.has_grays);
}

}  // namespace
}  // namespace mnist
