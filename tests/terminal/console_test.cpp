#include "terminal/console.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <unistd.h>

#include "support.h"

namespace mnist {
namespace {

using test::Environment;

/// A terminal of 100 columns.
class Terminal {
 public:
  Terminal() {
    winsize window{24, 100, 0, 0};
    EXPECT_EQ(openpty(&master_, &slave_, nullptr, nullptr, &window), 0);
  }
  ~Terminal() {
    close(master_);
    close(slave_);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  int descriptor() const { return slave_; }

 private:
  int master_ = -1;
  int slave_ = -1;
};

bool has_grays(const char* term, const char* color, const char* locale, const char* no_color) {
  const Terminal terminal;
  const Environment a("TERM", term);
  const Environment b("COLORTERM", color);
  const Environment c("LC_ALL", locale);
  const Environment d("NO_COLOR", no_color);
  return display_of(terminal.descriptor()).has_grays;
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
  const Terminal terminal;
  EXPECT_EQ(display_of(terminal.descriptor()).columns, 100);
  EXPECT_TRUE(display_of(terminal.descriptor()).is_terminal);
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const Display file = display_of(ends[1]);
  EXPECT_EQ(file.columns, 80);
  EXPECT_FALSE(file.is_terminal);
  EXPECT_FALSE(file.has_grays);
  close(ends[0]);
  close(ends[1]);
}

}  // namespace
}  // namespace mnist
