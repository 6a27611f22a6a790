#include "cli/cli.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/parse.h"
#include "mnist_train/error.h"
#include "support.h"

namespace mnist {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(CommandLine, HasTheDefaultsOfTheReference) {
  const CommandLine command = parse({});
  EXPECT_EQ(command.action, CommandLine::Action::kTrain);
  const TrainingOptions& training = command.options.training;
  EXPECT_EQ(training.epochs, 30);
  EXPECT_EQ(training.batch, 20);
  EXPECT_EQ(training.lr, 0.01);
  EXPECT_EQ(training.momentum, 0.0);
  EXPECT_EQ(training.weight_decay, 0.0);
  EXPECT_THAT(training.hidden, ElementsAre(256, 256));
  EXPECT_EQ(training.seed, 1);
  EXPECT_FALSE(training.shuffle);
  EXPECT_EQ(command.options.engine, EngineKind::kAuto);
  EXPECT_EQ(command.options.training.threads, 1);
  EXPECT_EQ(command.options.data.train_limit, std::nullopt);
  EXPECT_EQ(command.options.min_accuracy, std::nullopt);
  EXPECT_EQ(command.options.verbosity, Verbosity::kNormal);
}

TEST(CommandLine, TakesOptionsFromARecipe) {
  const TrainingOptions best = parse({"--recipe", "best"}).options.training;
  EXPECT_EQ(best.epochs, 30);
  EXPECT_EQ(best.lr_schedule, LrSchedule::kCosine);
  EXPECT_EQ(best.augment.kind, Augment::kElastic);
  EXPECT_TRUE(best.shuffle);
  const TrainingOptions changed =
      parse({"--epochs=5", "--recipe=best", "--no-shuffle", "--alpha=3"}).options.training;
  EXPECT_EQ(changed.epochs, 5);
  EXPECT_EQ(changed.batch, best.batch);
  EXPECT_FALSE(changed.shuffle);
  EXPECT_EQ(changed.augment.alpha, 3.0);
  EXPECT_EQ(parse({"--recipe", "quick"}).options.training.epochs, 3);
}

TEST(CommandLine, HasARecipeOfTheDefaults) {
  EXPECT_EQ(to_toml(settings(parse({"--recipe=plain"}).options)),
            to_toml(settings(parse({}).options)));
}

TEST(CommandLine, ListsTheRecipes) {
  for (const std::vector<const char*>& arguments :
       std::vector<std::vector<const char*>>{{"--recipe"}, {"--recipe", "--quiet"}}) {
    const CommandLine command = parse(arguments);
    EXPECT_EQ(command.action, CommandLine::Action::kPrintHelp);
    EXPECT_THAT(command.help, AllOf(HasSubstr("best   "), HasSubstr("\nquick  "),
                                    HasSubstr("\nplain  the defaults")));
  }
  EXPECT_THAT(error_of({"--recipe=fast"}),
              HasSubstr("--recipe: expected best, quick or plain, found 'fast'"));
  // As by a variable of the shell that is not set.
  EXPECT_THAT(error_of({"--recipe", ""}),
              HasSubstr("--recipe: expected best, quick or plain, found ''"));
  EXPECT_THAT(error_of({"--recipe="}), HasSubstr("--recipe: expected a value, found none"));
}

TEST(CommandLine, ShowsDistortedTrainingImagesOnly) {
  EXPECT_EQ(parse({"show", "--augment=elastic", "--epoch=2", "--seed=3"}).show.epoch, 2);
  EXPECT_THAT(error_of({"show", "--augment=elastic", "--split=test"}),
              HasSubstr("expected training images"));
  EXPECT_THAT(error_of({"show", "--alpha=3"}), HasSubstr("--alpha: expected --augment NAME"));
  EXPECT_THAT(error_of({"show", "--seed=3"}), HasSubstr("expected --random or --augment"));
}

TEST(CommandLine, BindsEveryOption) {
  const Options options = parse({"--data",
                                 "d",
                                 "--train-limit",
                                 "10",
                                 "--test-limit",
                                 "11",
                                 "--epochs",
                                 "2",
                                 "--batch",
                                 "3",
                                 "--lr",
                                 "0.5",
                                 "--momentum",
                                 "0.9",
                                 "--weight-decay",
                                 "1e-4",
                                 "--hidden",
                                 "64,32,7",
                                 "--seed",
                                 "4294967295",
                                 "--shuffle",
                                 "--engine",
                                 "autograd",
                                 "--threads",
                                 "2",
                                 "--min-accuracy",
                                 "97.5",
                                 "--verbose"})
                              .options;
  EXPECT_EQ(options.data.dir, "d");
  EXPECT_EQ(options.data.train_limit, 10);
  EXPECT_EQ(options.data.test_limit, 11);
  EXPECT_EQ(options.training.epochs, 2);
  EXPECT_EQ(options.training.batch, 3);
  EXPECT_EQ(options.training.lr, 0.5);
  EXPECT_EQ(options.training.momentum, 0.9);
  EXPECT_EQ(options.training.weight_decay, 1e-4);
  EXPECT_THAT(options.training.hidden, ElementsAre(64, 32, 7));
  EXPECT_EQ(options.training.seed, 4294967295);
  EXPECT_TRUE(options.training.shuffle);
  EXPECT_EQ(options.engine, EngineKind::kAutograd);
  EXPECT_EQ(options.training.threads, 2);
  EXPECT_EQ(options.min_accuracy, 97.5);
  EXPECT_EQ(options.verbosity, Verbosity::kVerbose);
}

TEST(CommandLine, TakesTheSpellingsOfSweepTools) {
  const TrainingOptions training =
      parse({"--lr=0.1", "--weight_decay=0.2", "--shuffle=True", "--hidden=none"}).options.training;
  EXPECT_EQ(training.lr, 0.1);
  EXPECT_EQ(training.weight_decay, 0.2);
  EXPECT_TRUE(training.shuffle);
  EXPECT_THAT(training.hidden, IsEmpty());
  EXPECT_FALSE(parse({"--shuffle=false"}).options.training.shuffle);
  EXPECT_FALSE(parse({"--shuffle", "--no-shuffle"}).options.training.shuffle);
  EXPECT_EQ(parse({"--data", "my_data"}).options.data.dir, "my_data");
}

TEST(CommandLine, CountsTheLastOfAnOptionGivenTwice) {
  EXPECT_EQ(parse({"--epochs", "30", "--epochs", "3"}).options.training.epochs, 3);
  EXPECT_THAT(error_of({"--epochs", "x", "--epochs", "3"}), HasSubstr("found 'x'"));
  EXPECT_EQ(parse({"--epochs", "010"}).options.training.epochs, 10);  // not octal
}

TEST(CommandLine, RefusesWhatIsNoNumberOrOutOfRange) {
  EXPECT_EQ(
      error_of({"--epochs", "abc"}),
      "--epochs: expected a whole number from 1 to 1000000, found 'abc'; see: mnist-train --help");
  for (const char* bad : {"0", "-1", "5abc", "1.5", "1e3", "", " 5", "99999999999999999999"}) {
    EXPECT_THAT(error_of({"--batch", bad}), HasSubstr("--batch: expected a whole number")) << bad;
  }
  for (const char* bad : {"nan", "inf", "-0.1", "1e999", "0.1x"}) {
    EXPECT_THAT(error_of({"--lr", bad}), HasSubstr("--lr: expected a number of at least 0")) << bad;
  }
  EXPECT_THAT(error_of({"--momentum", "1.1"}), HasSubstr("from 0 to 1"));
  EXPECT_THAT(error_of({"--seed", "4294967296"}), HasSubstr("--seed: expected"));
  EXPECT_THAT(error_of({"--engine", "magic"}),
              HasSubstr("auto, autograd or sparse, found 'magic'"));
  for (const char* bad : {"256,,3", "0", "256,", "65537", "a"}) {
    EXPECT_THAT(error_of({"--hidden", bad}), HasSubstr("--hidden: expected widths")) << bad;
  }
  EXPECT_THAT(error_of({"--shuffle=maybe"}), HasSubstr("true or false"));
}

TEST(CommandLine, KnowsTheDevicesOfPyTorch) {
  EXPECT_EQ(parse({}).options.device, "auto");
  for (const char* name : {"auto", "cpu", "cuda", "cuda:0", "cuda:15"}) {
    EXPECT_EQ(parse({"--device", name}).options.device, name);
  }
  for (const char* bad : {"gpu", "mps", "CUDA", "cuda:", "cuda:-1", "cuda:128", "cuda:1 ",
                          "cuda:01", "cuda:0x", "0"}) {
    EXPECT_THAT(error_of({"--device", bad}),
                HasSubstr(std::string("--device: expected auto, cpu, cuda or cuda:N, found '") +
                          bad + "'"));
  }
}

TEST(CommandLine, RefusesAnAccuracyThatIsAShare) {
  EXPECT_THAT(error_of({"--min-accuracy", "0.97"}), HasSubstr("a percentage such as 97.5"));
  EXPECT_THAT(error_of({"--min-accuracy", "1"}), HasSubstr("a percentage"));
  EXPECT_THAT(error_of({"--min-accuracy", "101"}), HasSubstr("a percentage"));
  EXPECT_EQ(parse({"--min-accuracy", "0"}).options.min_accuracy, 0.0);
}

TEST(CommandLine, NamesTheOptionThatWasMeant) {
  EXPECT_EQ(error_of({"--epoch", "3"}),
            "unknown option '--epoch' (did you mean '--epochs'?); see: mnist-train --help");
  EXPECT_THAT(error_of({"--batch-size=3"}), HasSubstr("did you mean '--batch'"));
  EXPECT_EQ(error_of({"-epochs", "3"}),
            "unknown option '-epochs' (did you mean '--epochs'?); see: mnist-train --help");
  EXPECT_THAT(error_of({"--LR", "3"}), HasSubstr("did you mean '--lr'"));
  EXPECT_EQ(error_of({"-x"}), "unknown option '-x'; see: mnist-train --help");
  EXPECT_THAT(error_of({"train"}), HasSubstr("unexpected argument 'train'"));
}

TEST(CommandLine, KnowsWhatOtherTrainersCallAnOption) {
  for (const auto& [theirs, ours] : std::vector<std::pair<const char*, const char*>>{
           {"--learning-rate", "'--lr'"},
           {"--learning_rate=0.1", "'--lr'"},
           {"--wd", "'--weight-decay'"},
           {"--ep", "'--epochs'"},
           {"--n-epochs", "'--epochs'"},
           {"--batch-size", "'--batch'"},
           {"--batchSize", "'--batch'"},
           {"--mom", "'--momentum'"},
           {"--num-workers", "'--threads'"},
           {"--output_dir", "'--out'"},
           {"--random-seed", "'--seed'"},
           {"--hidden-size", "'--hidden'"},
           {"--no-cuda", "'--device'"},
           {"--gpu", "'--device'"},
           {"--amp", "(it computes in float32 on one device; leave it out)"},
           {"--log-interval", "a line each epoch"},
           {"--gamma", "(the learning rate falls by --lr-schedule linear or cosine)"},
           {"--lr-scheduler", "'--lr-schedule'"},
           {"--warmup-epochs", "'--warmup'"},
           {"--warmup-steps", "(the warm-up counts in epochs: --warmup)"},
           {"--optimizer", "SGD"},
           {"--model", "--hidden"}}) {
    EXPECT_THAT(error_of({theirs}), HasSubstr(ours)) << theirs;
  }
  EXPECT_THAT(error_of({"eval", "--weights", "m"}), HasSubstr("'--model'"));
  for (const char* unknown : {"--xy", "--tp", "--zz", "--reduction"}) {
    EXPECT_EQ(error_of({unknown}),
              std::string("unknown option '") + unknown + "'; see: mnist-train --help");
  }
}

TEST(CommandLine, RefusesAnOptionWithoutItsValue) {
  EXPECT_THAT(error_of({"--epochs"}), HasSubstr("--epochs: expected a value, found none"));
  EXPECT_THAT(error_of({"--data=", "--epochs", "1"}), HasSubstr("--data: expected a value"));
}

TEST(CommandLine, RefusesQuietAndVerboseTogether) {
  EXPECT_THAT(error_of({"--quiet", "--verbose"}), HasSubstr("found both"));
}

TEST(CommandLine, KnowsWhereOutputGoes) {
  const Options options = parse({"--out", "runs/a", "--resume", "--save-every", "5", "--json",
                                 "--validation", "100", "--patience", "3", "--max-time", "1h30m"})
                              .options;
  EXPECT_EQ(options.output.dir, "runs/a");
  EXPECT_EQ(options.output.existing, Existing::kResume);
  EXPECT_EQ(options.output.save_every, 5);
  EXPECT_TRUE(options.output.json);
  EXPECT_EQ(options.data.validation, 100);
  EXPECT_EQ(options.training.patience, 3);
  EXPECT_EQ(options.training.max_seconds, 5400.0);
  EXPECT_EQ(parse({"--out", "a", "--overwrite"}).options.output.existing, Existing::kOverwrite);
  EXPECT_EQ(parse({}).options.output.existing, Existing::kRefuse);
}

TEST(CommandLine, UnderstandsDurations) {
  const auto seconds = [](const char* text) {
    return *parse({"--max-time", text}).options.training.max_seconds;
  };
  EXPECT_EQ(seconds("90"), 90);
  EXPECT_EQ(seconds("0.5"), 0.5);
  EXPECT_EQ(seconds("10m"), 600);
  EXPECT_EQ(seconds("2h5s"), 7205);
  for (const char* bad : {"-1", "m", "5x", "10m5", "5s5m", "1m1m", "-5m", "1e308h"}) {
    EXPECT_THAT(error_of({"--max-time", bad}), HasSubstr("expected a duration")) << bad;
  }
}

TEST(CommandLine, RefusesOptionsThatNeedOrExcludeOthers) {
  EXPECT_THAT(error_of({"--resume"}), HasSubstr("expected --out DIR"));
  EXPECT_THAT(error_of({"--overwrite"}), HasSubstr("expected --out DIR"));
  EXPECT_THAT(error_of({"--skip-if-done"}), HasSubstr("expected --out DIR"));
  EXPECT_THAT(error_of({"--out", "a", "--resume", "--overwrite"}), HasSubstr("found both"));
  EXPECT_THAT(error_of({"--patience", "3"}), HasSubstr("expected --validation N"));
  EXPECT_THAT(error_of({"--patience", "3", "--validation", "0"}), HasSubstr("--validation N"));
  EXPECT_EQ(parse({"--resume=false"}).options.output.existing, Existing::kRefuse);
  EXPECT_THAT(error_of({"--out", ""}), HasSubstr("--out: expected a folder"));
}

TEST(CommandLine, KnowsHelpAndVersion) {
  const CommandLine help = parse({"--help"});
  EXPECT_EQ(help.action, CommandLine::Action::kPrintHelp);
  EXPECT_THAT(help.help, HasSubstr("--epochs N [30]"));
  EXPECT_THAT(help.help, HasSubstr("--hidden N,... [256,256]"));
  EXPECT_EQ(parse({"-h"}).action, CommandLine::Action::kPrintHelp);
  EXPECT_EQ(parse({"--version"}).action, CommandLine::Action::kVersion);
}

TEST(Subcommands, HaveTheirOwnOptions) {
  using Action = CommandLine::Action;
  const CommandLine show = parse({"show", "--split=test", "--count", "5", "--digit", "7",
                                  "--random", "--seed", "3", "--png", "a.png", "--data", "d"});
  EXPECT_EQ(show.action, Action::kShow);
  EXPECT_EQ(show.show.split, Split::kTest);
  EXPECT_EQ(show.show.count, 5);
  EXPECT_EQ(show.show.digit, 7);
  EXPECT_TRUE(show.show.random);
  EXPECT_EQ(show.show.seed, 3);
  EXPECT_EQ(show.show.png, "a.png");
  EXPECT_EQ(show.show.data_dir, "d");
  EXPECT_EQ(parse({"show"}).show.count, 20);
  EXPECT_EQ(parse({"show", "--index", "9"}).show.count, 1);
  EXPECT_EQ(parse({"show", "--index", "9", "--count", "2"}).show.count, 2);

  const EvalOptions eval = parse({"eval", "--model", "m", "--confusion", "--json", "--quiet",
                                  "--min_accuracy=97", "--test-limit", "10", "--threads", "2"})
                               .eval;
  EXPECT_EQ(eval.model, "m");
  EXPECT_TRUE(eval.confusion && eval.json);
  EXPECT_EQ(eval.verbosity, Verbosity::kQuiet);
  EXPECT_EQ(eval.min_accuracy, 97.0);
  EXPECT_EQ(eval.test_limit, 10);
  EXPECT_EQ(eval.threads, 2);

  const CommandLine spawn = parse({"spawn", "--data", "d", "--validation", "5"});
  EXPECT_EQ(spawn.action, CommandLine::Action::kSpawn);
  EXPECT_EQ(spawn.options.data.dir, "d");
  EXPECT_EQ(spawn.options.data.validation, 5);
  EXPECT_THAT(error_of({"spawn", "--lr", "1"}), HasSubstr("unknown option '--lr'"));

  const PredictOptions predict =
      parse({"predict", "a_b.png", "--model", "m", "-", "c.jpg", "--show"}).predict;
  EXPECT_THAT(predict.images, ElementsAre("a_b.png", "-", "c.jpg"));
  EXPECT_TRUE(predict.show);
  EXPECT_THAT(parse({"predict", "--model", "m", "--", "--a_b.png"}).predict.images,
              ElementsAre("--a_b.png"));

  const ReportOptions report = parse({"report", "a", "b", "--html", "c.html"}).report;
  EXPECT_THAT(report.runs, ElementsAre("a", "b"));
  EXPECT_EQ(report.html, "c.html");

  const CommandLine draw = parse({"draw", "--model", "m", "--html", "d.html"});
  EXPECT_EQ(draw.action, Action::kDraw);
  EXPECT_EQ(draw.draw.model, "m");
  EXPECT_EQ(draw.draw.html, "d.html");

  const CommandLine to_export = parse({"export", "--model", "m", "--onnx", "d.onnx"});
  EXPECT_EQ(to_export.action, Action::kExport);
  EXPECT_EQ(to_export.to_export.model, "m");
  EXPECT_EQ(to_export.to_export.onnx, "d.onnx");
}

TEST(Subcommands, RefuseWhatTheyDoNotKnow) {
  EXPECT_THAT(error_of({"show", "--cuont", "3"}), HasSubstr("did you mean '--count'"));
  EXPECT_THAT(error_of({"show", "--epochs", "3"}), HasSubstr("unknown option '--epochs'"));
  EXPECT_THAT(error_of({"--epochs", "3", "show"}),
              HasSubstr("expected the options of show after it, found --epochs before it"));
  EXPECT_THAT(error_of({"shwo"}), HasSubstr("did you mean 'show'"));
  EXPECT_THAT(error_of({"show", "eval"}), HasSubstr("'eval'"));
  EXPECT_THAT(error_of({"doctor", "show"}), HasSubstr("expected one command, found also 'show'"));
  EXPECT_THAT(error_of({"show", "--digit", "10"}), HasSubstr("from 0 to 9"));
  EXPECT_THAT(error_of({"show", "--split", "both"}), HasSubstr("train or test, found 'both'"));
}

TEST(Subcommands, NeedWhatTheyCannotDoWithout) {
  for (const char* command : {"eval", "draw", "export", "predict"}) {
    EXPECT_THAT(error_of({command}), HasSubstr(": expected --model FILE, found none")) << command;
  }
  EXPECT_THAT(error_of({"show", "--wrong"}), HasSubstr("expected --model FILE"));
  EXPECT_THAT(error_of({"show", "--model", "m"}), HasSubstr("expected --wrong with it"));
  EXPECT_THAT(error_of({"show", "--random", "--index", "1"}), HasSubstr("found both"));
  EXPECT_THAT(error_of({"show", "--seed", "1"}),
              HasSubstr("expected --random or --augment with it"));
  EXPECT_THAT(error_of({"show", "--png", "a", "--count", "2001"}), HasSubstr("at most 2000"));
  EXPECT_THAT(error_of({"predict", "--model", "m"}), HasSubstr("expected image files"));
  EXPECT_THAT(error_of({"predict", "--model", "m", "a", "--show", "--json"}),
              HasSubstr("found both"));
  EXPECT_THAT(error_of({"report"}), HasSubstr("expected folders of runs"));
}

}  // namespace
}  // namespace mnist
