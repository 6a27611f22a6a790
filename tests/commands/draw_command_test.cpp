#include <torch/utils.h>

#include "commands/commands.h"
#include "mnist_train/model.h"
#include "support.h"

namespace mnist {
namespace {

using testing::ContainsRegex;

/// The page of a network whose parameters are all `value`, in a file of this name.
std::string page(const std::vector<std::int64_t>& hidden, float value,
                 const std::string& name = "model") {
  const test::TempDir dir;
  const Mlp model(hidden);
  const torch::NoGradGuard no_grad;
  for (torch::Tensor& parameter : model->parameters()) parameter.fill_(value);
  write_model(*model, dir / name);
  draw_command({(dir / name).string(), (dir / "page.html").string()});
  return test::read_file(dir / "page.html");
}

TEST(DrawPage, HoldsTheNetwork) {
  // float32 as IEEE 754 has it: -2 is 00 00 00 c0, little-endian.
  EXPECT_THAT(page({30}, -2.0F), AllOf(HasSubstr("data-sizes=\"784 30 10\">AAAAwAAAAMAA"),
                                       HasSubstr("784-30-10 with ReLU"), HasSubstr("/model")));
}

TEST(DrawPage, EscapesWhatItTellsOfTheNetwork) {
  EXPECT_THAT(page({}, 0, "<b>&"), AllOf(HasSubstr("&lt;b&gt;&amp;"), Not(HasSubstr("<b>&"))));
}

TEST(DrawPage, LoadsNothing) {
  const std::string html = page({}, 0);
  EXPECT_THAT(html, HasSubstr("default-src 'none'"));
  EXPECT_THAT(html, Not(ContainsRegex("https?:|src=|url[(]|@import|fetch[(]")));
  EXPECT_THAT(html, Not(HasSubstr("{{")));
}

}  // namespace
}  // namespace mnist
