#include "draw/draw_page.h"

#include "support.h"

namespace mnist {
namespace {

using testing::ContainsRegex;

std::string page(const std::vector<std::int64_t>& sizes, const std::vector<float>& parameters,
                 const std::string& description = "a network") {
  return draw_page({sizes, parameters, description});
}

TEST(DrawPage, HoldsTheNetworkAndAnEscapedDescription) {
  // float32 as IEEE 754 has it: 1 is 00 00 80 3f, -2 is 00 00 00 c0, little-endian.
  EXPECT_THAT(page({784, 30, 10}, {1.0F, -2.0F}, "784-30-10, from </p><script>&"),
              AllOf(HasSubstr("data-sizes=\"784 30 10\">AACAPwAAAMA=</script>"),
                    HasSubstr("784-30-10, from &lt;/p&gt;&lt;script&gt;&amp;"),
                    Not(HasSubstr("</p><script>&"))));
}

TEST(DrawPage, LoadsNothing) {
  const std::string html = page({784, 10}, {});
  EXPECT_THAT(html, HasSubstr("default-src 'none'"));
  EXPECT_THAT(html, Not(ContainsRegex("https?:|src=|url[(]|@import|fetch[(]")));
  EXPECT_THAT(html, Not(HasSubstr("{{")));
}

TEST(DrawPage, HasAtMostOneAndAHalfMegabytesForTheUsualNetwork) {
  const std::vector<float> parameters(784 * 256 + 256 + 256 * 256 + 256 + 256 * 10 + 10);
  EXPECT_LE(page({784, 256, 256, 10}, parameters).size(), 1'500'000);
}

}  // namespace
}  // namespace mnist
