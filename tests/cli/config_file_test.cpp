// Files for --config, as people and the program itself write them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/cli.h"
#include "cli/parse.h"
#include "mnist_train/error.h"
#include "support.h"

namespace mnist {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(ConfigFile, TakesOptionsFromAFile) {
  const test::TempDir dir;
  const std::string file = (dir / "config.toml").string();
  test::write_file(
      file, "# a comment\nlr = 0.5\nweight_decay = 0.1\nhidden = [64, 32]\nshuffle = true\n");
  const TrainingOptions training =
      parse({"--config", file.c_str(), "--lr", "0.25"}).options.training;
  EXPECT_EQ(training.lr, 0.25);  // which wins
  EXPECT_EQ(training.weight_decay, 0.1);
  EXPECT_THAT(training.hidden, ElementsAre(64, 32));
  EXPECT_TRUE(training.shuffle);
  EXPECT_EQ(training.epochs, 30);

  const auto refusal = [&](const std::string& content) {
    test::write_file(file, content);
    return error_of({"--config", file.c_str()});
  };
  EXPECT_EQ(refusal("epoch = 3\n"),
            "--config: unknown option '--epoch' (did you mean '--epochs'?); see: mnist-train "
            "--help");
  EXPECT_THAT(refusal("[train]\nlr = 1\n"), HasSubstr("found a table 'train'"));
  EXPECT_THAT(refusal("json = true\n"), HasSubstr("found '--json'"));
  EXPECT_THAT(refusal("lr = \"x\"\n"), HasSubstr("--lr: expected a number"));
  EXPECT_THAT(refusal("lr = [0.1, 0.2]\n"), HasSubstr("found '0.1,0.2'"));
  EXPECT_THAT(refusal("hidden = []\n"), HasSubstr("--config: --hidden: expected a value"));
  const std::string none = (dir / "none").string();
  EXPECT_THAT(error_of({"--config", none.c_str()}), HasSubstr("expected a readable file"));
}

TEST(ConfigFile, ReadsTheTomlThatOthersWrite) {
  const test::TempDir dir;
  const std::string file = (dir / "config.toml").string();
  const auto options = [&](const std::string& content) {
    test::write_file(file, content);
    return parse({"--config", file.c_str()}).options;
  };
  EXPECT_EQ(options("\xef\xbb\xbflr = 0.05\r\nepochs = 1_0\r\n").training.lr, 0.05);
  EXPECT_EQ(options("\xef\xbb\xbf# Notepad\r\nepochs = 1_0 # ten\r\n").training.epochs, 10);
  EXPECT_EQ(options("epochs = 0x10").training.epochs, 16);
  EXPECT_EQ(options("weight-decay = 5e-4").training.weight_decay, 5e-4);
  EXPECT_EQ(options("'lr' = 1").training.lr, 1);
  EXPECT_THAT(options("hidden = [ # widths\n  256,\n  128, # the last\n]\n").training.hidden,
              ElementsAre(256, 128));
  EXPECT_THAT(options("hidden = '64,32'").training.hidden, ElementsAre(64, 32));
  EXPECT_EQ(options("data = \"/a#b, c\" # d").data.dir, "/a#b, c");
  EXPECT_EQ(options("data = 'C:\\new \"data\"'").data.dir, "C:\\new \"data\"");
  EXPECT_EQ(options("data = \"\\u00e9\\t\\U0001F600\"").data.dir, "\u00e9\t\U0001F600");
  EXPECT_EQ(options("data = \"file:///a%ff%zz\"").data.dir, "/a\xff%zz");
  EXPECT_EQ(options("").training.lr, 0.01);

  const auto refusal = [&](const std::string& content) {
    test::write_file(file, content);
    return error_of({"--config", file.c_str()});
  };
  const std::string utf16(
      "\xff\xfel\0r\0=\0"
      "1\0",
      10);
  EXPECT_THAT(refusal(utf16), HasSubstr("expected UTF-8, found UTF-16; save the file as UTF-8"));
  EXPECT_THAT(refusal(utf16.substr(2)), HasSubstr("found UTF-16"));
  EXPECT_THAT(
      refusal(std::string("lr = 1\nseed = \0", 15)),
      HasSubstr("expected TOML, such as lr = 0.01 and engine = \"auto\", found in line 2: "));
  EXPECT_THAT(
      refusal("lr = 1\nengine = sparse\n"),
      HasSubstr("expected TOML, such as lr = 0.01 and engine = \"auto\", found in line 2: "));
  EXPECT_THAT(refusal("lr = 1\nlr = 2\n"), HasSubstr("in line 2: "));
  EXPECT_THAT(refusal("lr = nan"),
              HasSubstr(file + ": --lr: expected a number of at least 0, found 'nan'"));
  EXPECT_THAT(refusal("lr = 1979-05-27"), HasSubstr("found '1979-05-27'"));
  EXPECT_THAT(refusal("data = {a = 1}"), HasSubstr("found a table 'data'"));
  EXPECT_THAT(refusal("data = \"\""), HasSubstr("--data: expected a value"));
  EXPECT_THAT(refusal("learning_rate = 1"), HasSubstr("did you mean '--lr'"));
  EXPECT_THAT(refusal("shuffle = true\nno-shuffle = true"), HasSubstr("each option once, found"));
  EXPECT_THAT(refusal("weight-decay = 1\nweight_decay = 2"), HasSubstr("each option once, found"));
  EXPECT_THAT(refusal("--lr = 1"), HasSubstr("expected names without dashes"));
  EXPECT_THAT(refusal("data = \"C:\\Users\\data\""), HasSubstr("in line 1 a backslash"));
  EXPECT_THAT(refusal("lr = 1\ndata = \"C:\\data\""), HasSubstr("in line 2 a backslash"));
  EXPECT_THAT(error_of({"--config", dir.path().c_str()}), HasSubstr("expected a readable file"));
  EXPECT_THAT(error_of({"--config", ""}), HasSubstr("--config: expected a file, found ''"));
  test::write_file(file, "lr = 1");
  EXPECT_THAT(error_of({"--config", file.c_str(), "--lr=x"}),
              testing::StartsWith("--lr: expected"));
  EXPECT_THAT(error_of({"--config", file.c_str(), "--lr", "x"}),
              testing::StartsWith("--lr: expec"));
}

TEST(ConfigFile, WritesEveryPathSoThatItIsReadAgain) {
  const test::TempDir dir;
  for (const std::string path :
       {"/a \"b\"", "/a#b", "/a, b", "/[a]", "/a'b", "/'''", "/a\\b\\", "/\\u0041", "/a\nb",
        "/a\tb", "/\x01\x1b\x7f", "/\u00e9\u6570\U0001F600", "/=;%20", "/a\xff%41 b", "/\xe9t\xe9",
        "/\xed\xa0\x80"}) {
    const std::string config = (dir / "config.toml").string();
    test::write_file(config, to_toml(settings(parse({"--data", path.c_str()}).options)));
    EXPECT_EQ(parse({"--config", config.c_str()}).options.data.dir, path);
  }
}

TEST(ConfigFile, PrintsAConfigThatGivesTheSameOptions) {
  const test::TempDir dir;
  const CommandLine command = parse({"--epochs",   "7",
                                     "--lr",       "0.1",
                                     "--momentum", "0.30000000000000004",
                                     "--hidden",   "none",
                                     "--shuffle",  "--train-limit",
                                     "50",         "--validation",
                                     "9",          "--patience",
                                     "2",          "--max-time",
                                     "1m",         "--engine",
                                     "autograd",   "--data",
                                     "/a \"b\"",   "--min-accuracy",
                                     "50",         "--print-config"});
  EXPECT_EQ(command.action, CommandLine::Action::kPrintConfig);
  const std::string text = to_toml(settings(command.options));
  test::write_file(dir / "config.toml", text);
  const std::string file = (dir / "config.toml").string();
  EXPECT_EQ(to_toml(settings(parse({"--config", file.c_str()}).options)), text);
  EXPECT_THAT(text,
              AllOf(HasSubstr("momentum = 0.30000000000000004\n"), HasSubstr("max-time = 60\n"),
                    HasSubstr("hidden = \"none\"\n"), HasSubstr("shuffle = true\n")));
}

}  // namespace
}  // namespace mnist
