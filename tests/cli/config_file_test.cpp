// Files for --config, as people and the program itself write them.

#include "cli/parse.h"
#include "run/record.h"

namespace mnist {
namespace {

class ConfigFile : public testing::Test {
 protected:
  void write(const std::string& content) const { test::write_file(file_, content); }

  Options options(const std::string& content) const {
    write(content);
    return parse({"--config", file_}).options;
  }

  test::TempDir dir_;
  std::string file_ = (dir_ / "config.toml").string();
};

TEST_F(ConfigFile, IsOverriddenByTheCommandLineAndOverridesTheRecipe) {
  write("epochs = 7\nhidden = [64, 32]\nshuffle = false\n");
  const TrainingOptions training =
      parse({"--recipe=best", "--config", file_, "--hidden=5", "--shuffle"}).options.training;
  EXPECT_EQ(training.epochs, 7);
  EXPECT_EQ(training.batch, 32);  // of the recipe
  EXPECT_THAT(training.hidden, ElementsAre(5));
  EXPECT_TRUE(training.shuffle);
  EXPECT_THAT(error_of({"--config", file_, "--lr=x"}), testing::StartsWith("--lr: expected"));
}

TEST_F(ConfigFile, MayHoldWhatTheCommandLineLeavesWithoutEffect) {
  write("validation = 9\npatience = 2\naugment = \"elastic\"\nalpha = 3\n");
  const Options options = parse({"--config", file_, "--augment=none", "--validation=0"}).options;
  EXPECT_EQ(options.training.patience, std::nullopt);
  EXPECT_THAT(to_toml(settings(options)),
              AllOf(Not(HasSubstr("alpha")), Not(HasSubstr("patience"))));
  EXPECT_EQ(parse({"--config", file_, "--alpha=5"}).options.training.augment.alpha, 5);
  EXPECT_EQ(error_of({"--config", file_, "--augment=none", "--alpha=5"}),
            "--alpha requires --augment elastic");
  // Else it has to have an effect, if only with the command line.
  write("patience = 2\n");
  EXPECT_EQ(error_of({"--config", file_}), file_ + ": --patience requires --validation");
  EXPECT_EQ(parse({"--config", file_, "--validation=9"}).options.training.patience, 2);
  EXPECT_EQ(parse({"--config", file_, "--validation=0"}).options.training.patience, std::nullopt);
}

TEST_F(ConfigFile, HasADataDirectoryRelativeToItself) {
  EXPECT_EQ(options("data = \"set\"").data.dir, (dir_ / "set").string());
  EXPECT_EQ(parse({"--config", file_, "--data=set"}).options.data.dir, "set");
  EXPECT_EQ(options("data = \"/set\"").data.dir, "/set");
}

TEST_F(ConfigFile, MayHaveAnyFormOfToml) {
  const TrainingOptions training =
      options(
          "\xef\xbb\xbf# Notepad\r\n'lr' = 1\r\nepochs = 1_0 # ten\r\nseed = 0x10\r\n"
          "weight_decay = 5e-4\nshuffle = true\nhidden = [ # sizes\n  256,\n  128, # last\n]\n")
          .training;
  EXPECT_EQ(training.lr, 1);
  EXPECT_EQ(training.epochs, 10);
  EXPECT_EQ(training.seed, 16);
  EXPECT_EQ(training.weight_decay, 5e-4);
  EXPECT_TRUE(training.shuffle);
  EXPECT_THAT(training.hidden, ElementsAre(256, 128));
  EXPECT_THAT(options("hidden = '64,32'").training.hidden, ElementsAre(64, 32));
  EXPECT_EQ(options("data = \"/a#b, c\" # d").data.dir, "/a#b, c");
  EXPECT_EQ(options("data = '/new \\n \"data\"'").data.dir, "/new \\n \"data\"");
  EXPECT_EQ(options("data = \"/\\u00e9\\t\\U0001F600\"").data.dir, "/\u00e9\t\U0001F600");
  EXPECT_EQ(options("").training.lr, 0.01);
}

TEST_F(ConfigFile, IsRefusedWithTheFileAndTheLineOrTheOption) {
  for (const auto& [content, message] : std::vector<std::pair<std::string, std::string>>{
           {"lr = 1\nengine = sparse\n", "line 2: "},
           {"lr = 1\nlr = 2\n", "line 2: "},
           {std::string("lr = 1\nseed = \0", 15), "line 2: "},
           {"lr = 1\ndata = \"C:\\data\"", "line 2: "},
           {std::string("\xff\xfel\0r\0", 6), "line 1: "},  // UTF-16
           {"lr = nan", "--lr: expected a number of at least 0, found 'nan'"},
           {"shuffle = \"maybe\"", "--shuffle: expected true or false, found 'maybe'"},
           {"lr = 1979-05-27", "--lr: expected a number of at least 0, found '1979-05-27'"},
           {"lr = [0.1, 0.2]", "--lr: expected a number of at least 0, found '0.1,0.2'"},
           {"lr = {a = 1}", "--lr: expected a number"},
           {"hidden = []", "--hidden: expected layer sizes"},
           {"data = \"\"", "--data: expected a path (with ~ expanded), found ''"},
           {"data = \"~/data\"", "--data: expected a path (with ~ expanded), found '~/data'"},
           {"epoch = 3", "unknown option '--epoch' (did you mean '--epochs'?)"},
           {"--lr = 1", "unknown option '----lr' (did you mean '--lr'?)"},
           {"[train]\nlr = 1\n", "unknown option '--train'"},
           {"lr = 1\nlearning-rate = 2", "--lr: given twice"},
           {"shuffle = true\nno-shuffle = true", "--shuffle: given twice"}}) {
    write(content);
    EXPECT_THAT(error_of({"--config", file_}), testing::StartsWith(file_ + ": " + message));
  }
  const std::string none = (dir_ / "none").string();
  EXPECT_EQ(error_of({"--config", none}), none + ": cannot be read: No such file or directory");
}

TEST_F(ConfigFile, WritesEveryPathSoThatItIsReadAgain) {
  for (const std::string path :
       {"/a \"b\"", "/a#b", "/a, b", "/[a]", "/a'b", "/'''", "/a\\b\\", "/\\u0041", "/a\nb",
        "/a\tb", "/\x01\x1b", "/\u00e9\u6570\U0001F600", "/=;%20"}) {
    write(to_toml(settings(parse({"--data", path}).options)));
    EXPECT_EQ(parse({"--config", file_}).options.data.dir, path);
  }
}

}  // namespace
}  // namespace mnist
