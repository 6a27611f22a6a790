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
using testing::Not;

TEST(ConfigFile, TakesOptionsFromAFile) {
  const test::TempDir dir;
  const std::string file = (dir / "config.toml").string();
  test::write_file(
      file, "# a comment\nlr = 0.5\nweight_decay = 0.1\nhidden = [64, 32]\nshuffle = true\n");
  const TrainingOptions training = parse({"--config", file, "--lr", "0.25"}).options.training;
  EXPECT_EQ(training.lr, 0.25);  // which wins
  EXPECT_EQ(training.weight_decay, 0.1);
  EXPECT_THAT(training.hidden, ElementsAre(64, 32));
  EXPECT_TRUE(training.shuffle);
  EXPECT_EQ(training.epochs, 30);

  const auto refusal = [&](const std::string& content) {
    test::write_file(file, content);
    return error_of({"--config", file});
  };
  EXPECT_EQ(refusal("epoch = 3\n"), file + ": unknown option '--epoch' (did you mean '--epochs'?)");
  EXPECT_EQ(refusal("lr = \"x\"\n"), file + ": --lr: expected a number of at least 0, found 'x'");
  EXPECT_THAT(refusal("[train]\nlr = 1\n"), HasSubstr("unknown option '--train'"));
  for (const char* option : {"json", "out", "help", "config", "version"}) {
    EXPECT_THAT(refusal(std::string(option) + " = true\n"),
                HasSubstr("expected options that decide the result, found --"))
        << option;
  }
  EXPECT_THAT(refusal("lr = [0.1, 0.2]\n"), HasSubstr("found '0.1,0.2'"));
  EXPECT_THAT(refusal("hidden = []\n"), HasSubstr("--hidden: expected layer sizes"));
  EXPECT_THAT(refusal("lr = 1\nlearning-rate = 2\n"), HasSubstr("found two names of --lr"));
  const std::string none = (dir / "none").string();
  EXPECT_EQ(error_of({"--config", none}), none + ": cannot be read: No such file or directory");
  EXPECT_EQ(error_of({"--config", none, "--config", none}), "--config: expected one, found 2");
  EXPECT_THAT(error_of({"--config", dir.path().string()}), HasSubstr(dir.path().string() + ": "));
  EXPECT_THAT(error_of({"--config", ""}),
              HasSubstr("--config: expected a path (with ~ expanded), found ''"));
}

TEST(ConfigFile, IsOverriddenByTheCommandLineAndOverridesTheRecipe) {
  const test::TempDir dir;
  const std::string file = "--config=" + (dir / "config.toml").string();
  test::write_file(dir / "config.toml", "epochs = 7\nhidden = [64, 32]\nshuffle = false\n");
  const TrainingOptions training =
      parse({"--recipe=best", file, "--hidden=5", "--shuffle"}).options.training;
  EXPECT_EQ(training.epochs, 7);
  EXPECT_EQ(training.batch, 32);  // of the recipe
  EXPECT_THAT(training.hidden, ElementsAre(5));
  EXPECT_TRUE(training.shuffle);
  EXPECT_THAT(error_of({file, "--lr=x"}), testing::StartsWith("--lr: expected"));
}

TEST(ConfigFile, MayHoldWhatTheCommandLineLeavesWithoutEffect) {
  const test::TempDir dir;
  const std::string file = "--config=" + (dir / "config.toml").string();
  test::write_file(dir / "config.toml",
                   "validation = 9\npatience = 2\naugment = \"elastic\"\nalpha = 3\n");
  const Options options = parse({file, "--augment=none", "--validation=0"}).options;
  EXPECT_EQ(options.training.patience, std::nullopt);
  EXPECT_THAT(to_toml(settings(options)),
              AllOf(Not(HasSubstr("alpha")), Not(HasSubstr("patience"))));
  EXPECT_EQ(parse({file, "--alpha=5"}).options.training.augment.alpha, 5);
  EXPECT_EQ(error_of({file, "--augment=none", "--alpha=5"}), "--alpha requires --augment elastic");
  // Else it has to have an effect, if only with the command line.
  test::write_file(dir / "config.toml", "patience = 2\n");
  EXPECT_THAT(error_of({file}), HasSubstr("config.toml: --patience requires --validation"));
  EXPECT_EQ(parse({file, "--validation=9"}).options.training.patience, 2);
  EXPECT_EQ(parse({file, "--validation=0"}).options.training.patience, std::nullopt);
}

TEST(ConfigFile, HasADataDirectoryRelativeToItself) {
  const test::TempDir dir;
  const std::string file = "--config=" + (dir / "config.toml").string();
  test::write_file(dir / "config.toml", "data = \"set\"");
  EXPECT_EQ(parse({file}).options.data.dir, (dir / "set").string());
  EXPECT_EQ(parse({file, "--data=set"}).options.data.dir, "set");
  test::write_file(dir / "config.toml", "data = \"/set\"");
  EXPECT_EQ(parse({file}).options.data.dir, "/set");
}

TEST(ConfigFile, ReadsTheTomlThatOthersWrite) {
  const test::TempDir dir;
  const std::string file = (dir / "config.toml").string();
  const auto options = [&](const std::string& content) {
    test::write_file(file, content);
    return parse({"--config", file}).options;
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
  EXPECT_EQ(options("data = '/new \\n \"data\"'").data.dir, "/new \\n \"data\"");
  EXPECT_EQ(options("data = \"/\\u00e9\\t\\U0001F600\"").data.dir, "/\u00e9\t\U0001F600");
  EXPECT_EQ(options("").training.lr, 0.01);

  const auto refusal = [&](const std::string& content) {
    test::write_file(file, content);
    return error_of({"--config", file});
  };
  EXPECT_THAT(refusal("lr = 1\nengine = sparse\n"), HasSubstr(file + ": line 2: "));
  EXPECT_THAT(refusal("lr = 1\nlr = 2\n"), HasSubstr(file + ": line 2: "));
  EXPECT_THAT(refusal(std::string("lr = 1\nseed = \0", 15)), HasSubstr("line 2: "));
  EXPECT_THAT(refusal("lr = 1\ndata = \"C:\\data\""), HasSubstr("line 2: "));
  EXPECT_THAT(refusal(std::string("\xff\xfel\0r\0", 6)), HasSubstr("line 1: "));  // UTF-16
  EXPECT_EQ(refusal("lr = nan"), file + ": --lr: expected a number of at least 0, found 'nan'");
  EXPECT_THAT(refusal("lr = 1979-05-27"), HasSubstr("found '1979-05-27'"));
  EXPECT_THAT(refusal("lr = {a = 1}"), HasSubstr("--lr: expected a number"));
  EXPECT_THAT(refusal("data = \"\""), HasSubstr("--data: expected a path"));
  EXPECT_THAT(refusal("data = \"~/data\""), HasSubstr("(with ~ expanded), found '~/data'"));
  EXPECT_THAT(refusal("learnin_rate = 1"), HasSubstr("did you mean '--learning-rate'"));
  EXPECT_THAT(refusal("shuffle = true\nno-shuffle = true"), HasSubstr("two names of --shuffle"));
  EXPECT_THAT(refusal("weight-decay = 1\nweight_decay = 2"), HasSubstr("two names of --weight"));
  EXPECT_THAT(refusal("--lr = 1"), HasSubstr("unknown option '----lr' (did you mean '--lr'?)"));
}

TEST(ConfigFile, WritesEveryPathSoThatItIsReadAgain) {
  const test::TempDir dir;
  for (const std::string path :
       {"/a \"b\"", "/a#b", "/a, b", "/[a]", "/a'b", "/'''", "/a\\b\\", "/\\u0041", "/a\nb",
        "/a\tb", "/\x01\x1b", "/\u00e9\u6570\U0001F600", "/=;%20"}) {
    const std::string config = (dir / "config.toml").string();
    test::write_file(config, to_toml(settings(parse({"--data", path}).options)));
    EXPECT_EQ(parse({"--config", config}).options.data.dir, path);
  }
}

TEST(ConfigFile, PrintsDefaultsThatCanBeRead) {
  const test::TempDir dir;
  const std::string text = to_toml(settings(parse({"--print-config"}).options));
  test::write_file(dir / "config.toml", text);
  const std::string file = (dir / "config.toml").string();
  EXPECT_EQ(to_toml(settings(parse({"--config", file}).options)), text);
  EXPECT_THAT(text, Not(HasSubstr("data = ")));
}

TEST(ConfigFile, PrintsAConfigThatGivesTheSameOptions) {
  const test::TempDir dir;
  const CommandLine command =
      parse(words("--epochs 7 --lr 0.1 --momentum 0.30000000000000004 --hidden none --shuffle "
                  "--train-limit 50 --validation 9 --patience 2 --max-time 1m --engine autograd "
                  "--data /a\"b\" --min-accuracy 50 --print-config"));
  EXPECT_EQ(command.action, CommandLine::Action::kPrintConfig);
  const std::string text = to_toml(settings(command.options));
  test::write_file(dir / "config.toml", text);
  const std::string file = (dir / "config.toml").string();
  EXPECT_EQ(to_toml(settings(parse({"--config", file}).options)), text);
  EXPECT_THAT(text,
              AllOf(HasSubstr("momentum = 0.30000000000000004\n"), HasSubstr("max-time = 60\n"),
                    HasSubstr("hidden = \"none\"\n"), HasSubstr("shuffle = true\n")));
}

}  // namespace
}  // namespace mnist
