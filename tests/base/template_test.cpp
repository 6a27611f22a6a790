#include "base/template.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace mnist {
namespace {

TEST(Template, FillsInAPartWithTheNamesAroundIt) {
  const nlohmann::json view{{"label", "<b>{{name}}</b>"},
                            {"runs", {{{"name", "a&b"}}, {{"name", "c"}}}}};
  EXPECT_EQ(render_template("{{#runs}}{{>label}};{{/runs}}", view), "<b>a&amp;b</b>;<b>c</b>;");
}

TEST(Template, RefusesWhatTheViewLacksOrWhatIsMalformed) {
  for (const char* text : {"{{name}}", "{{{name}}}", "{{#name}}{{/name}}", "{{^name}}{{/name}}"}) {
    EXPECT_THROW(render_template(text, {{"other", ""}}), std::invalid_argument) << text;
  }
  EXPECT_THROW(render_template("{{>label}}", {{"other", ""}}), std::invalid_argument);
  EXPECT_THROW(render_template("{{>label}}", {{"label", "{{#open}}"}}), std::invalid_argument);
}

}  // namespace
}  // namespace mnist
