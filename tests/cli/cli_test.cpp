#include "cli/cli.h"

#include <fmt/format.h>

#include "cli/parse.h"
#include "run/record.h"

namespace mnist {
namespace {

/// Expects these messages for command lines without spaces in an argument.
void expect_errors(const std::vector<std::pair<std::string, std::string>>& cases) {
  for (const auto& [line, message] : cases) EXPECT_EQ(error_of(words(line)), message);
}

/// Expects that each of these values of an option is refused.
void expect_refused(const std::string& option, const std::string& expected,
                    const std::vector<std::string>& values) {
  for (const std::string& value : values) {
    EXPECT_EQ(error_of({option, value}),
              option + ": expected " + expected + ", found '" + value + "'");
  }
}

TEST(CommandLine, TakesOptionsFromARecipe) {
  const TrainingOptions best = parse({"--recipe", "best"}).options.training;
  EXPECT_EQ(best.lr_schedule, LrSchedule::kCosine);
  EXPECT_EQ(best.augment.kind, Augment::kElastic);
  EXPECT_TRUE(best.shuffle);
  EXPECT_EQ(parse({"--recipe", "best"}).options.recipe, "best");
  const TrainingOptions changed =
      parse({"--epochs=5", "--recipe=best", "--no-shuffle", "--alpha=3"}).options.training;
  EXPECT_EQ(changed.epochs, 5);
  EXPECT_EQ(changed.batch, best.batch);
  EXPECT_FALSE(changed.shuffle);
  EXPECT_EQ(changed.augment.alpha, 3.0);
  EXPECT_EQ(parse({"--recipe", "quick"}).options.training.epochs, 3);
  EXPECT_EQ(to_toml(settings(parse({"--recipe=plain"}).options)),
            to_toml(settings(parse({}).options)));
}

// As by a variable of the shell that is not set: a job must not succeed that has trained nothing.
TEST(CommandLine, ListsTheRecipesIfNothingElseIsAskedFor) {
  EXPECT_THAT(parse({"--recipe"}).text, AllOf(HasSubstr("best   "), HasSubstr("\nquick  "),
                                              HasSubstr("\nplain  the defaults")));
  expect_refused("--recipe", "one of best, quick, plain", {"fast", "", "--epochs"});
  expect_errors({{"--quiet --recipe", "--recipe: expected a value, found none"},
                 {"--recipe=", "--recipe: expected a value, found none"}});
}

TEST(CommandLine, TakesTheSpellingsOfSweepToolsAndTheLastOfAnOptionGivenTwice) {
  const TrainingOptions training =
      parse({"--lr=0.1", "--weight_decay=0.2", "--shuffle=True", "--hidden=none"}).options.training;
  EXPECT_EQ(training.lr, 0.1);
  EXPECT_EQ(training.weight_decay, 0.2);
  EXPECT_TRUE(training.shuffle);
  EXPECT_THAT(training.hidden, IsEmpty());
  EXPECT_FALSE(parse({"--shuffle=false"}).options.training.shuffle);
  EXPECT_FALSE(parse({"--shuffle", "--no-shuffle"}).options.training.shuffle);
  EXPECT_EQ(parse({"--epochs", "30", "--epochs", "3"}).options.training.epochs, 3);
  EXPECT_THAT(error_of({"--epochs", "x", "--epochs", "3"}), HasSubstr("found 'x'"));
  EXPECT_EQ(parse({"--resume=false"}).options.output.existing, Existing::kRefuse);
  EXPECT_EQ(parse({"--data", "my_data"}).options.data.dir, "my_data");
}

TEST(CommandLine, TakesTheNamesOfOtherTrainers) {
  const auto toml = [](const char* line) { return to_toml(settings(parse(words(line)).options)); };
  EXPECT_EQ(toml("--num-epochs=7 --batch-size=8 --learning_rate=0.7 --wd=0.6 --warmup-epochs=0.5 "
                 "--lr-scheduler-type=cosine --random-state=9 --hidden-layer-sizes=7,8 "
                 "--num-threads=3 --data-dir=d"),
            toml("--epochs=7 --batch=8 --lr=0.7 --weight-decay=0.6 --warmup=0.5 "
                 "--lr-schedule=cosine --seed=9 --hidden=7,8 --threads=3 --data=d"));
  EXPECT_EQ(parse({"--output-dir=o"}).options.output.dir, "o");
  EXPECT_EQ(parse({"--lr=0.1", "--learning-rate=0.2"}).options.training.lr, 0.2);
  EXPECT_THAT(error_of({"--learning-rate=x"}), HasSubstr("--lr: expected a number"));
  EXPECT_THAT(parse({"--help"}).text, Not(HasSubstr("learning-rate")));
}

TEST(CommandLine, RefusesValuesThatAreNotWhatIsExpected) {
  expect_refused("--batch", "a whole number from 1 to 1000000",
                 {"0", "-1", "5abc", "1.5", "1e3", "", " 5", "99999999999999999999"});
  expect_refused("--lr", "a number of at least 0",
                 {"nan", "inf", "-0.1", "1e999", "0.1x", "0x1", " 1", ""});
  expect_refused("--momentum", "a number from 0 to 1", {"1.1"});
  expect_refused("--seed", "a whole number from 0 to 4294967295", {"4294967296"});
  expect_refused("--engine", "one of auto, autograd, sparse", {"magic"});
  expect_refused("--hidden", "layer sizes from 1 to 65536, such as 256,256, or none",
                 {"256,,3", "0", "256,", "65537", "a"});
  expect_refused("--min-accuracy", "a percentage such as 97.5 (0, or above 1 and up to 100)",
                 {"0.97", "1", "101"});
  expect_refused("--max-time", "a duration such as 90, 10m or 1h30m",
                 {"-1", "m", "5x", "10m5", "5s5m", "1m1m", "-5m", "1e308h"});
  expect_refused("--device", "auto, cpu, cuda or cuda:N",
                 {"gpu", "mps", "CUDA", "cuda:", "cuda:-1", "cuda:128", "cuda:01", "cuda:0x"});
  // What a shell would not have passed on.
  expect_refused("--data", "a path (with ~ expanded)", {"", "~", "~/data", "--resume"});
  expect_errors({{"--epochs", "--epochs: expected a value, found none"},
                 {"--data= --epochs 1", "--data: expected a value, found none"},
                 {"--shuffle=maybe", "--shuffle: expected true or false, found 'maybe'"}});
}

TEST(CommandLine, TakesAllValuesThatAreExpected) {
  for (const char* name : {"auto", "cpu", "cuda", "cuda:0", "cuda:15"}) {
    EXPECT_EQ(parse({"--device", name}).options.compute.device, name);
  }
  for (const auto& [text, seconds] :
       {std::pair{"90", 90.0}, {"0.5", 0.5}, {"10m", 600.0}, {"2h5s", 7205.0}, {"1h30m", 5400.0}}) {
    EXPECT_EQ(parse({"--max-time", text}).options.training.max_seconds, seconds);
  }
  EXPECT_EQ(parse({"--out=run="}).options.output.dir, "run=");
  EXPECT_EQ(parse({"--epochs", "010"}).options.training.epochs, 10);  // not octal
  EXPECT_EQ(parse({"--seed=4294967295"}).options.training.seed, 4294967295);
  EXPECT_EQ(parse({"--min-accuracy", "0"}).options.min_accuracy, 0.0);
  EXPECT_EQ(parse({"--out=a~/~b"}).options.output.dir, "a~/~b");
}

TEST(CommandLine, RefusesPathsThatAreNotUtf8) {
  for (const char* path : {"/a\xff", "/\xe9t\xe9", "/\xc0\x80", "/\xe2\x82"}) {
    EXPECT_THAT(error_of({"--data", path}), HasSubstr("expected a path in UTF-8")) << path;
    EXPECT_THAT(error_of({"--out", path}), HasSubstr("expected a path in UTF-8")) << path;
  }
  EXPECT_EQ(parse({"predict", "--model=m", "\xff.png"}).predict.images.front(), "\xff.png");
}

TEST(CommandLine, NamesTheOptionOrCommandThatWasMeant) {
  for (const auto& [line, meant] : {std::pair{"--epoch 3", "--epochs"},
                                    {"-epochs 3", "--epochs"},
                                    {"--bacth=3", "--batch"},
                                    {"--learnin_rate 3", "--learning-rate"},
                                    {"--no-shufle", "--no-shuffle"},
                                    {"show --cuont 3", "--count"},
                                    {"reprot", "report"}}) {
    EXPECT_THAT(error_of(words(line)), HasSubstr(fmt::format(" (did you mean '{}'?)", meant)));
  }
  for (const char* line : {"-x", "--optimizer", "--amp", "--warmup-ratio=0.1", "--gamma",
                           "--n-jobs", "show --momentum 1"}) {
    EXPECT_THAT(error_of(words(line)),
                AllOf(HasSubstr("unknown option '-"), HasSubstr("; see --help")));
  }
  for (const char* line : {"train", "show eval", "doctor show"}) {
    EXPECT_EQ(error_of(words(line)),
              fmt::format("unexpected argument '{}'; see --help", words(line).back()));
  }
}

TEST(CommandLine, RefusesOptionsInConflict) {
  expect_errors({{"--quiet --verbose", "--quiet excludes --verbose"},
                 {"--out a --resume --overwrite", "--resume excludes --overwrite"},
                 {"--version --print-config", "--version excludes --print-config"},
                 {"doctor --print-config", "doctor excludes --print-config"},
                 {"show --random --index 1", "--index excludes --random"},
                 {"predict --model m a --show --json", "--show excludes --json"},
                 {"eval --model m --confusion --json", "--confusion excludes --json"},
                 {"--epochs 3 show", "--epochs must come after show"}});
}

TEST(CommandLine, RefusesOptionsWithoutEffect) {
  expect_errors({{"--resume", "--resume requires --out"},
                 {"--overwrite", "--overwrite requires --out"},
                 {"--skip-if-done", "--skip-if-done requires --out"},
                 {"--save-every=2", "--save-every requires --out"},
                 {"--patience 3", "--patience requires --validation"},
                 {"--patience 3 --validation 0", "--patience requires --validation"},
                 {"--translate=2", "--translate requires --augment shift, affine or elastic"},
                 {"--augment=none --degrees=5", "--degrees requires --augment affine or elastic"},
                 {"--augment=shift --scale=0.2", "--scale requires --augment affine or elastic"},
                 {"--augment=shift --shear=1", "--shear requires --augment affine or elastic"},
                 {"--augment=affine --alpha=20", "--alpha requires --augment elastic"},
                 {"--augment=affine --sigma=2", "--sigma requires --augment elastic"},
                 {"--recipe=best --augment=shift --alpha=3", "--alpha requires --augment elastic"},
                 {"show --wrong", "--wrong requires --model"},
                 {"show --model m", "--model requires --wrong"},
                 {"show --seed 1", "--seed requires --random or --augment"},
                 {"show --augment=none --epoch=2", "--epoch requires --augment"},
                 {"show --alpha=3", "--alpha requires --augment elastic"},
                 {"show --augment=elastic --split=test", "--augment requires training images"}});
  EXPECT_EQ(parse({"show", "--augment=elastic", "--epoch=2", "--seed=3"}).show.epoch, 2);
}

// It moves by whole pixels, so by less than one it would do nothing.
TEST(CommandLine, WantsWholePixelsOfAShift) {
  for (const char* pixels : {"0.5", "0", "1.5"}) {
    EXPECT_EQ(error_of({"--augment=shift", std::string("--translate=") + pixels}),
              std::string("--translate: expected a whole number from 1 to 28 with --augment shift, "
                          "found '") +
                  pixels + "'");
  }
  EXPECT_EQ(parse({"--augment=shift", "--translate=3.0"}).options.training.augment.translate, 3.0);
  EXPECT_EQ(parse({"--augment=affine", "--translate=0.5"}).options.training.augment.translate, 0.5);
}

TEST(CommandLine, KnowsWhatToPrint) {
  EXPECT_THAT(parse({"--help"}).text,
              AllOf(HasSubstr("--epochs N [30]"), HasSubstr("--hidden N,... [256,256]"),
                    HasSubstr("--degrees DEGREES [10]")));
  EXPECT_EQ(parse({"-h"}).text, parse({"--help"}).text);
  EXPECT_THAT(parse({"predict", "--help"}).text, HasSubstr("predict [OPTIONS] IMAGE..."));
  EXPECT_TRUE(parse({"--version"}).prints_version);
  EXPECT_THAT(parse({"--print-config", "--lr=0.5"}).text, HasSubstr("\nlr = 0.5\n"));
}

TEST(Subcommands, HaveTheirOwnOptions) {
  EXPECT_EQ(parse({"show"}).show.count, 20);
  EXPECT_EQ(parse({"show", "--index", "9"}).show.count, 1);
  EXPECT_EQ(parse({"show", "--index", "9", "--count", "2"}).show.count, 2);
  EXPECT_EQ(parse({"eval", "--model", "m", "--min_accuracy=97"}).eval.min_accuracy, 97.0);
  EXPECT_THAT(parse({"predict", "a_b.png", "--model", "m", "-", "c.jpg"}).predict.images,
              ElementsAre("a_b.png", "-", "c.jpg"));
  EXPECT_THAT(parse({"predict", "--model", "m", "--", "--a_b.png"}).predict.images,
              ElementsAre("--a_b.png"));
  EXPECT_EQ(parse({"export", "--model", "m", "--onnx", "d.onnx"}).to_export.onnx, "d.onnx");
  expect_errors(
      {{"show --digit 10", "--digit: expected a whole number from 0 to 9, found '10'"},
       {"show --png a --count 2001", "--count: expected at most 2000 with --png, found 2001"}});
}

TEST(Subcommands, TakeTheOptionsOfARunOnBothSides) {
  const CommandLine jobs = parse({"--validation", "5", "jobs", "--data", "d"});
  EXPECT_EQ(jobs.command, "jobs");
  EXPECT_EQ(jobs.options.data.validation, 5);
  EXPECT_EQ(jobs.options.data.dir, "d");
  EXPECT_THAT(jobs.arguments, ElementsAre("--validation", "5", "jobs", "--data", "d"));
}

TEST(Subcommands, NeedWhatTheyCannotDoWithout) {
  expect_errors({{"eval", "--model is required"},
                 {"draw", "--model is required"},
                 {"export", "--model is required"},
                 {"predict", "--model is required"},
                 {"predict --model m", "IMAGE is required"},
                 {"report", "DIR is required"}});
}

}  // namespace
}  // namespace mnist
