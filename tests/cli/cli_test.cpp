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
using testing::Not;

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
  EXPECT_EQ(command.options.compute.engine, EngineKind::kAuto);
  EXPECT_EQ(command.options.compute.threads, 1);
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
  const CommandLine command = parse({"--recipe"});
  EXPECT_EQ(command.action, CommandLine::Action::kPrintHelp);
  EXPECT_THAT(command.help, AllOf(HasSubstr("best   "), HasSubstr("\nquick  "),
                                  HasSubstr("\nplain  the defaults")));
  EXPECT_EQ(error_of({"--recipe=fast"}),
            "--recipe: expected one of best, quick, plain, found 'fast'");
}

// As by a variable of the shell that is not set: a job must not succeed that has trained nothing.
TEST(CommandLine, RefusesARecipeWithoutItsName) {
  EXPECT_THAT(error_of({"--recipe", "--epochs", "3"}), HasSubstr("--recipe: expected one of best"));
  EXPECT_THAT(error_of({"--quiet", "--recipe"}),
              HasSubstr("--recipe: expected a value, found none"));
  EXPECT_THAT(error_of({"--recipe", ""}), HasSubstr("--recipe: expected one of best"));
  EXPECT_THAT(error_of({"--recipe="}), HasSubstr("--recipe: expected a value, found none"));
  EXPECT_EQ(error_of({"--recipe=best", "--recipe=quick"}), "--recipe: expected one, found 2");
}

TEST(CommandLine, BindsEveryOption) {
  const Options options =
      parse(words("--data d --train-limit 10 --test-limit 11 --epochs 2 --batch 3 --lr 0.5 "
                  "--momentum 0.9 --weight-decay 1e-4 --hidden 64,32,7 --seed 4294967295 --shuffle "
                  "--engine autograd --threads 2 --min-accuracy 97.5 --verbose"))
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
  EXPECT_EQ(options.compute.engine, EngineKind::kAutograd);
  EXPECT_EQ(options.compute.threads, 2);
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
  EXPECT_EQ(error_of({"--epochs", "abc"}),
            "--epochs: expected a whole number from 1 to 1000000, found 'abc'");
  for (const char* bad : {"0", "-1", "5abc", "1.5", "1e3", "", " 5", "99999999999999999999"}) {
    EXPECT_THAT(error_of({"--batch", bad}), HasSubstr("--batch: expected a whole number")) << bad;
  }
  for (const char* bad : {"nan", "inf", "-0.1", "1e999", "0.1x", "0x1", " 1", ""}) {
    EXPECT_THAT(error_of({"--lr", bad}), HasSubstr("--lr: expected a number of at least 0")) << bad;
  }
  EXPECT_THAT(error_of({"--momentum", "1.1"}), HasSubstr("from 0 to 1"));
  EXPECT_THAT(error_of({"--seed", "4294967296"}), HasSubstr("--seed: expected"));
  EXPECT_EQ(error_of({"--engine", "magic"}),
            "--engine: expected one of auto, autograd, sparse, found 'magic'");
  for (const char* bad : {"256,,3", "0", "256,", "65537", "a"}) {
    EXPECT_THAT(error_of({"--hidden", bad}), HasSubstr("--hidden: expected layer sizes")) << bad;
  }
  EXPECT_THAT(error_of({"--shuffle=maybe"}), HasSubstr("--shuffle = maybe"));
}

TEST(CommandLine, KnowsTheDevicesOfPyTorch) {
  EXPECT_EQ(parse({}).options.compute.device, "auto");
  for (const char* name : {"auto", "cpu", "cuda", "cuda:0", "cuda:15"}) {
    EXPECT_EQ(parse({"--device", name}).options.compute.device, name);
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
  EXPECT_EQ(error_of({"--epoch", "3"}), "unknown option '--epoch' (did you mean '--epochs'?)");
  EXPECT_EQ(error_of({"-epochs", "3"}), "unknown option '-epochs' (did you mean '--epochs'?)");
  EXPECT_THAT(error_of({"--bacth=3"}), HasSubstr("did you mean '--batch'"));
  EXPECT_THAT(error_of({"--LR", "3"}), HasSubstr("did you mean '--lr'"));
  EXPECT_THAT(error_of({"--learnin-rate", "3"}), HasSubstr("did you mean '--learning-rate'"));
  EXPECT_THAT(error_of({"--no-shufle"}), HasSubstr("did you mean '--no-shuffle'"));
  EXPECT_EQ(error_of({"-x"}), "unknown option '-x'; see --help");
  for (const char* theirs : {"--optimizer", "--amp", "--warmup-ratio=0.1", "--gamma", "--n-jobs"}) {
    EXPECT_THAT(error_of({theirs}), HasSubstr("unknown option '--")) << theirs;
  }
  EXPECT_THAT(error_of({"train"}), HasSubstr("unexpected argument 'train'"));
}

TEST(CommandLine, NamesNoOptionThatWouldNotHelp) {
  EXPECT_EQ(error_of({"--ep", "3"}), "unknown option '--ep' (did you mean '--epochs'?)");
  EXPECT_THAT(error_of({"--sede=3"}), HasSubstr("did you mean '--seed'"));
  EXPECT_THAT(error_of({"--lr-schedulr=3"}), HasSubstr("did you mean '--lr-schedule'"));
  EXPECT_THAT(error_of({"--epochs-of-training=3"}), HasSubstr("did you mean '--epochs'"));
  for (const char* letters : {"--lt", "--l", "-x", "--rate"}) {
    EXPECT_THAT(error_of({letters}), HasSubstr("; see --help")) << letters;
  }
}

TEST(CommandLine, TakesTheNamesOfOtherTrainers) {
  const auto training = [](const char* option) { return parse({option}).options.training; };
  EXPECT_EQ(training("--num-epochs=7").epochs, 7);
  EXPECT_EQ(training("--max_epochs=7").epochs, 7);
  EXPECT_EQ(training("--batch-size=7").batch, 7);
  EXPECT_EQ(training("--learning_rate=0.7").lr, 0.7);
  EXPECT_EQ(training("--wd=0.7").weight_decay, 0.7);
  EXPECT_EQ(training("--lr-scheduler-type=cosine").lr_schedule, LrSchedule::kCosine);
  EXPECT_EQ(training("--warmup-epochs=0.7").warmup, 0.7);
  EXPECT_EQ(parse({"--num-threads=7"}).options.compute.threads, 7);
  EXPECT_EQ(training("--random-state=7").seed, 7);
  EXPECT_THAT(training("--hidden-layer-sizes=7,8").hidden, ElementsAre(7, 8));
  EXPECT_EQ(parse({"--data-dir=d"}).options.data.dir, "d");
  EXPECT_EQ(parse({"--output-dir=o"}).options.output.dir, "o");
  EXPECT_EQ(parse({"--lr=0.1", "--learning-rate=0.2"}).options.training.lr, 0.2);
  EXPECT_THAT(error_of({"--learning-rate=x"}), HasSubstr("--lr: expected a number"));
  EXPECT_THAT(parse({"--help"}).help, Not(HasSubstr("learning-rate")));
}

TEST(CommandLine, RefusesAnOptionWithoutItsValue) {
  EXPECT_THAT(error_of({"--epochs"}), HasSubstr("--epochs: expected a value, found none"));
  EXPECT_THAT(error_of({"--data=", "--epochs", "1"}), HasSubstr("--data: expected a value"));
}

TEST(CommandLine, RefusesPathsThatAShellWouldNotHavePassedOn) {
  EXPECT_EQ(error_of({"--data", ""}), "--data: expected a path (with ~ expanded), found ''");
  EXPECT_THAT(error_of({"--out", "--resume"}), HasSubstr("expected a path (with ~ expanded)"));
  EXPECT_THAT(error_of({"--out=~/runs"}), HasSubstr("(with ~ expanded), found '~/runs'"));
  EXPECT_EQ(error_of({"draw", "--model", "~"}),
            "--model: expected a path (with ~ expanded), found '~'");
  EXPECT_EQ(parse({"--out=a~/~b"}).options.output.dir, "a~/~b");
}

TEST(CommandLine, RefusesDirectoriesThatAreNotUtf8) {
  for (const char* path : {"/a\xff", "/\xe9t\xe9", "/\xc0\x80", "/\xe2\x82"}) {
    EXPECT_THAT(error_of({"--data", path}), HasSubstr("expected a path in UTF-8")) << path;
    EXPECT_THAT(error_of({"--out", path}), HasSubstr("expected a path in UTF-8")) << path;
  }
  EXPECT_EQ(parse({"predict", "--model=m", "\xff.png"}).predict.images.front(), "\xff.png");
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

TEST(CommandLine, RefusesOptionsInConflict) {
  EXPECT_EQ(error_of({"--quiet", "--verbose"}), "--quiet excludes --verbose");
  EXPECT_EQ(error_of({"--out", "a", "--resume", "--overwrite"}), "--resume excludes --overwrite");
  EXPECT_EQ(error_of({"doctor", "--print-config"}), "doctor excludes --print-config");
  EXPECT_EQ(parse({"--out=a", "--resume=false", "--overwrite"}).options.output.existing,
            Existing::kOverwrite);
}

TEST(CommandLine, RefusesOptionsWithoutEffect) {
  for (const char* option : {"--resume", "--overwrite", "--skip-if-done", "--save-every=2"}) {
    EXPECT_THAT(error_of({option}), HasSubstr(" requires --out")) << option;
  }
  EXPECT_EQ(error_of({"--patience", "3"}), "--patience requires --validation");
  EXPECT_EQ(error_of({"--patience", "3", "--validation", "0"}), "--patience requires --validation");
  EXPECT_EQ(parse({"--resume=false"}).options.output.existing, Existing::kRefuse);
}

TEST(CommandLine, RefusesParametersOfOtherAugmentations) {
  EXPECT_EQ(error_of({"--translate=2"}), "--translate requires --augment shift, affine or elastic");
  EXPECT_EQ(error_of({"--augment=none", "--degrees=5"}),
            "--degrees requires --augment affine or elastic");
  for (const char* option : {"--degrees=20", "--scale=0.2", "--shear=1", "--stroke=1"}) {
    EXPECT_THAT(error_of({"--augment=shift", option}), HasSubstr("requires --augment affine or "));
    EXPECT_EQ(parse({"--augment=elastic", option}).options.training.augment.kind,
              Augment::kElastic);
  }
  for (const char* option : {"--alpha=20", "--sigma=2"}) {
    EXPECT_THAT(error_of({"--augment=affine", option}), HasSubstr("requires --augment elastic"));
  }
  EXPECT_THAT(error_of({"--recipe=best", "--augment=shift", "--alpha=3"}),
              HasSubstr("--alpha requires --augment elastic"));
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

TEST(CommandLine, KnowsHelpAndVersion) {
  const CommandLine help = parse({"--help"});
  EXPECT_EQ(help.action, CommandLine::Action::kPrintHelp);
  EXPECT_THAT(help.help, HasSubstr("--epochs N [30]"));
  EXPECT_THAT(help.help, HasSubstr("--hidden N,... [256,256]"));
  EXPECT_THAT(help.help, HasSubstr("--degrees DEGREES [10]"));
  EXPECT_EQ(parse({"-h"}).action, CommandLine::Action::kPrintHelp);
  EXPECT_THAT(parse({"predict", "--help"}).help, HasSubstr("predict [OPTIONS] IMAGE..."));
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

  const EvalOptions eval = parse({"eval", "--model", "m", "--confusion", "--quiet",
                                  "--min_accuracy=97", "--test-limit", "10", "--threads", "2"})
                               .eval;
  EXPECT_EQ(eval.model, "m");
  EXPECT_TRUE(eval.confusion);
  EXPECT_EQ(eval.verbosity, Verbosity::kQuiet);
  EXPECT_EQ(eval.min_accuracy, 97.0);
  EXPECT_EQ(eval.test_limit, 10);
  EXPECT_EQ(eval.threads, 2);

  const CommandLine jobs = parse({"--validation", "5", "jobs", "--data", "d"});
  EXPECT_EQ(jobs.action, CommandLine::Action::kJobs);
  EXPECT_EQ(jobs.options.data.validation, 5);
  EXPECT_EQ(jobs.options.data.dir, "d");
  EXPECT_THAT(jobs.arguments, ElementsAre("--validation", "5", "jobs", "--data", "d"));

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
  EXPECT_THAT(error_of({"show", "--momentum", "1"}),
              HasSubstr("unknown option '--momentum'; see --help"));
  EXPECT_THAT(error_of({"eval", "--modle", "m"}), HasSubstr("did you mean '--model'"));
  EXPECT_THAT(error_of({"--epochs", "3", "show"}),
              HasSubstr("expected the options of show after it, found --epochs before it"));
  EXPECT_THAT(error_of({"shwo"}), HasSubstr("did you mean 'show'"));
  EXPECT_THAT(error_of({"show", "eval"}), HasSubstr("unexpected argument 'eval'"));
  EXPECT_THAT(error_of({"doctor", "show"}), HasSubstr("unexpected argument 'show'"));
  EXPECT_THAT(error_of({"show", "--digit", "10"}), HasSubstr("from 0 to 9"));
  EXPECT_THAT(error_of({"show", "--split", "both"}), HasSubstr("train, test, found 'both'"));
}

TEST(Subcommands, NeedWhatTheyCannotDoWithout) {
  for (const char* command : {"eval", "draw", "export", "predict"}) {
    EXPECT_EQ(error_of({command}), "--model is required") << command;
  }
  EXPECT_EQ(error_of({"predict", "--model", "m"}), "IMAGE is required");
  EXPECT_EQ(error_of({"report"}), "DIR is required");
}

TEST(Subcommands, RefuseOptionsInConflictOrWithoutEffect) {
  EXPECT_EQ(error_of({"show", "--wrong"}), "--wrong requires --model");
  EXPECT_EQ(error_of({"show", "--model", "m"}), "--model requires --wrong");
  EXPECT_EQ(error_of({"show", "--seed", "1"}), "--seed requires --random or --augment");
  EXPECT_EQ(error_of({"show", "--epoch", "2"}), "--epoch requires --augment");
  EXPECT_EQ(error_of({"show", "--augment=none", "--epoch=2"}), "--epoch requires --augment");
  EXPECT_THAT(error_of({"show", "--alpha=3"}), HasSubstr("--alpha requires --augment elastic"));
  EXPECT_EQ(error_of({"show", "--augment=elastic", "--split=test"}),
            "--augment requires training images");
  EXPECT_EQ(error_of({"show", "--random", "--index", "1"}), "--random excludes --index");
  EXPECT_THAT(error_of({"show", "--png", "a", "--count", "2001"}), HasSubstr("at most 2000"));
  EXPECT_EQ(error_of({"predict", "--model", "m", "a", "--show", "--json"}),
            "--json excludes --show");
  EXPECT_EQ(error_of({"eval", "--model", "m", "--confusion", "--json"}),
            "--json excludes --confusion");
  EXPECT_EQ(parse({"show", "--augment=elastic", "--epoch=2", "--seed=3"}).show.epoch, 2);
}

}  // namespace
}  // namespace mnist
