#include <algorithm>
#include <map>
#include <set>

#include "cli/option.h"
#include "cli/parse.h"
#include "run/checkpoint.h"
#include "run/record.h"

namespace mnist {
namespace {

using testing::ContainerEq;

/// What becomes of an option, written down here once more and by hand: the table must not decide by
/// itself what is right.
struct Expected {
  std::string value;                   ///< another one than the default, as on the command line
  std::string written;                 ///< the same in config.toml; empty: not there
  bool decides_weights = false;        ///< in the key that --resume compares
  std::vector<std::string> with = {};  ///< options that have to be given with it
  std::vector<std::string> also = {};  ///< options that are written because of it
};

const std::map<std::string, Expected> kExpected{
    {"--data", {"/d", "\"/d\""}},
    {"--train-limit", {"10", "10", true}},
    {"--test-limit", {"11", "11"}},
    {"--validation", {"12", "12", true}},
    {"--epochs", {"2", "2"}},
    {"--batch", {"3", "3", true}},
    {"--lr", {"0.5", "0.5", true}},
    {"--lr-schedule", {"cosine", "\"cosine\"", true}},
    {"--warmup", {"2.5", "2.5", true}},
    {"--momentum", {"0.30000000000000004", "0.30000000000000004", true}},
    {"--weight-decay", {"1e-05", "1e-05", true}},
    {"--label-smoothing", {"0.1", "0.1", true}},
    {"--hidden", {"64,7", "\"64,7\"", true}},
    {"--seed", {"5", "5", true}},
    {"--shuffle", {"", "true", true}},
    {"--patience", {"4", "4", true, {"--validation=12"}}},
    {"--max-time", {"1m", "60"}},
    {"--augment", {"shift", "\"shift\"", true, {}, {"--translate"}}},
    {"--translate", {"3", "3", true, {"--augment=shift"}}},
    {"--degrees", {"11", "11", true, {"--augment=affine"}}},
    {"--scale", {"0.2", "0.2", true, {"--augment=affine"}}},
    {"--shear", {"6", "6", true, {"--augment=affine"}}},
    {"--stroke", {"1.5", "1.5", true, {"--augment=affine"}}},
    {"--alpha", {"18", "18", true, {"--augment=elastic"}}},
    {"--sigma", {"4.5", "4.5", true, {"--augment=elastic"}}},
    {"--engine", {"sparse", "\"sparse\"", true}},
    {"--device", {"cpu", "\"cpu\""}},
    {"--threads", {"2", "2"}},
    {"--min-accuracy", {"97.5", "97.5"}},
    {"--quiet", {}},
    {"--verbose", {}},
    {"--version", {}},
    {"--out", {"/o", ""}},
    {"--save-every", {"6", "", false, {"--out=/o"}}},
    {"--resume", {"", "", false, {"--out=/o"}}},
    {"--overwrite", {"", "", false, {"--out=/o"}}},
    {"--skip-if-done", {"", "", false, {"--out=/o"}}},
    {"--json", {}},
    {"--recipe", {"plain", ""}},
    {"--config", {"FILE", ""}},
    {"--print-config", {}},
};

/// The arguments that change the option, and what it needs.
std::vector<std::string> change(const std::string& name, const Expected& expected) {
  std::vector<std::string> arguments = expected.with;
  arguments.push_back(expected.value.empty() ? name : name + "=" + expected.value);
  return arguments;
}

using Written = std::map<std::string, std::string>;

Written values(const std::vector<Setting>& settings) {
  Written result;
  for (const Setting& setting : settings) result["--" + setting.name] = setting.value;
  return result;
}

/// The settings that differ between the two, or are in one of them only.
std::set<std::string> changed(const Written& before, const Written& after) {
  Written different;
  std::ranges::set_symmetric_difference(before, after, std::inserter(different, different.end()));
  std::set<std::string> names;
  for (const auto& [name, value] : different) names.insert(name);
  return names;
}

TEST(AllOptions, AreThoseThatThisTestKnows) {
  std::set<std::string> expected{"--help"};
  for (const auto& [name, unused] : kExpected) expected.insert(name);
  CommandLine line;
  CLI::App app;
  add_main_options(app, line);
  std::set<std::string> names;
  for (const CLI::Option* option : app.get_options({})) names.insert(option->get_name());
  EXPECT_THAT(names, ContainerEq(expected));
}

TEST(AllOptions, AreWrittenAndDecideTheWeightsExactlyIfTheyShall) {
  for (const auto& [name, expected] : kExpected) {
    if (name == "--config") continue;  // it needs a file
    SCOPED_TRACE(name);
    const Options before = parse(expected.with).options;
    const Options after = parse(change(name, expected)).options;
    std::set<std::string> names;
    if (!expected.written.empty()) {
      names.insert(expected.also.begin(), expected.also.end());
      names.insert(name);
      EXPECT_EQ(values(settings(after)).at(name), expected.written);
    }
    EXPECT_THAT(changed(values(settings(before)), values(settings(after))), ContainerEq(names));
    if (!expected.decides_weights) names.clear();
    const auto decisive = [](std::vector<Setting> config) {
      std::erase_if(config, std::not_fn(decides_weights));
      return values(config);
    };
    EXPECT_THAT(changed(decisive(settings(before)), decisive(settings(after))), ContainerEq(names));
  }
}

TEST(AllOptions, AreReadFromAConfigFileExactlyIfTheyAreWritten) {
  const test::TempDir dir;
  const std::string file = (dir / "config.toml").string();
  for (const auto& [name, expected] : kExpected) {
    SCOPED_TRACE(name);
    const std::string value = expected.written.empty() ? "1" : expected.written;
    test::write_file(file, name.substr(2) + " = " + value + "\n");
    std::vector<std::string> arguments = expected.with;
    arguments.push_back("--config=" + file);
    if (expected.written.empty()) {
      EXPECT_THAT(error_of(arguments), HasSubstr("not allowed in a config file"));
    } else {
      EXPECT_THAT(values(settings(parse(arguments).options)),
                  ContainerEq(values(settings(parse(change(name, expected)).options))));
    }
  }
}

TEST(Settings, AreWrittenAsTomlWithTheParametersThatTheAugmentationUses) {
  const auto toml = [](const std::vector<std::string>& arguments) {
    return to_toml(settings(parse(arguments).options));
  };
  EXPECT_THAT(toml({"--data=/a \"b\"", "--hidden=none"}),
              testing::AllOf(testing::StartsWith("data = \"/a \\\"b\\\"\"\nvalidation = 0\n"),
                             HasSubstr("\nhidden = \"none\"\nseed = 1\nshuffle = false\n")));
  EXPECT_THAT(toml({"--augment=affine"}),
              HasSubstr("augment = \"affine\"\ntranslate = 2\ndegrees = 10\nscale = 0.1\n"
                        "shear = 5\nstroke = 0\nengine"));
  EXPECT_THAT(toml({"--augment=elastic"}),
              HasSubstr("augment = \"elastic\"\ntranslate = 1\ndegrees = 10\nscale = 0.1\n"
                        "shear = 5\nstroke = 0\nalpha = 17\nsigma = 4\nengine"));
}

TEST(Settings, HaveTheOrderOfTheHelp) {
  const std::string help = parse({"--help"}).text;
  std::size_t at = 0;
  for (const Setting& setting : settings(parse({"--augment=elastic", "--data=d"}).options)) {
    const std::size_t next = help.find("\n  --" + setting.name + " ");
    const std::size_t flag = help.find("\n  --" + setting.name + ",");
    EXPECT_LT(at, std::min(next, flag)) << setting.name;
    at = std::min(next, flag);
  }
}

TEST(Help, FitsATerminalOf80Columns) {
  for (const char* command :
       {"doctor", "jobs", "show", "eval", "predict", "report", "draw", "export"}) {
    std::istringstream lines(parse({"--help"}).text + parse({command, "--help"}).text);
    for (std::string text; std::getline(lines, text);) EXPECT_LE(text.size(), 80U) << text;
  }
}

}  // namespace
}  // namespace mnist
