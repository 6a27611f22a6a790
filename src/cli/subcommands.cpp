#include "cli/subcommands.h"

#include <string>

#include "cli/option_binding.h"
#include "cli/usage.h"
#include "cli/validators.h"
#include "mnist_train/shape.h"

namespace mnist {
namespace {

using Action = CommandLine::Action;

constexpr std::int64_t kMaxPngImages = 2000;  // 200 rows of ten

CLI::App& add_command(CLI::App& app, CommandLine& command, Action action, const std::string& name,
                      const std::string& help) {
  CLI::App& subcommand = *app.add_subcommand(name, help);
  subcommand.option_defaults()->group("Options")->configurable(false);
  subcommand.set_help_flag("-h,--help", "Print this help and exit");
  subcommand.allow_extras();  // they are refused by the caller, with the name that was meant
  subcommand.parse_complete_callback([&command, action] { command.action = action; });
  return subcommand;
}

CLI::Option* add_model(CLI::App& app, std::string& model) {
  return app
      .add_option("--model", model, "Weights: a .safetensors file, or the --out folder of a run")
      ->check(some_path("a file"))
      ->option_text("FILE");
}

void need_model(const CLI::App& app, const std::string& model) {
  if (model.empty()) fail_usage(app.get_name() + ": expected --model FILE, found none");
}

void add_quiet(CLI::App& app, Verbosity& verbosity, const std::string& help) {
  app.add_flag_callback(
      "--quiet", [&verbosity] { verbosity = Verbosity::kQuiet; }, help);
}

void check_show(const CLI::App& app, ShowOptions& options) {
  if (options.wrong) need_model(app, options.model);
  if (!options.wrong && !options.model.empty()) {
    fail_usage("--model: expected --wrong with it, found none");
  }
  if (app.count("--seed") > 0 && !options.random) {
    fail_usage("--seed: expected --random with it, found none");
  }
  if (app.count("--index") > 0 && options.random) {
    fail_usage("expected --index or --random, found both");
  }
  if (app.count("--index") > 0 && app.count("--count") == 0) options.count = 1;
  if (!options.png.empty() && options.count > kMaxPngImages) {
    fail_usage("--count: expected at most " + std::to_string(kMaxPngImages) +
               " with --png, found " + std::to_string(options.count));
  }
}

void add_spawn(CLI::App& app, CommandLine& command) {
  CLI::App& spawn =
      add_command(app, command, Action::kSpawn, "spawn", "Start runs that programs ask for");
  add_data_options(spawn, command.options.data);
}

void add_show(CLI::App& app, CommandLine& command) {
  ShowOptions& options = command.show;
  CLI::App& show = add_command(app, command, Action::kShow, "show", "Look at the images");
  add_data_dir(show, options.data_dir);
  show.add_option_function<std::string>(
          "--split",
          [&options](const std::string& name) {
            options.split = name == "train" ? Split::kTrain : Split::kTest;
          },
          "Which images: train or test [train; test with --wrong]")
      ->check(expect("train or test",
                     [](const std::string& name) { return name == "train" || name == "test"; }))
      ->option_text("NAME");
  add_value(show, "--count", options.count, "N", "Images at most", integer(1, kMaxImages));
  add_value(show, "--index", options.first, "N",
            "Start at this position, counted from 0;\n"
            "alone, show this image only",
            integer(0, kMaxImages));
  add_value(show, "--digit", options.digit, "D", "Only images of this digit",
            integer(0, kDigits - 1));
  show.add_flag("--random", options.random, "Any images, not the first");
  add_value(show, "--seed", options.seed, "N", "Seed of --random", integer(0, kMaxSeed));
  show.add_flag("--wrong", options.wrong, "Only images that --model gets wrong");
  add_model(show, options.model);
  show.add_option("--png", options.png,
                  "Write a labelled grid, ten across, to this PNG file\n"
                  "in place of drawing in the terminal")
      ->check(some_path("a file"))
      ->option_text("FILE");
  show.final_callback([&show, &options] { check_show(show, options); });
}

void add_eval(CLI::App& app, CommandLine& command) {
  EvalOptions& options = command.eval;
  CLI::App& eval = add_command(app, command, Action::kEval, "eval", "Test a saved model");
  add_model(eval, options.model);
  add_data_dir(eval, options.data_dir);
  add_test_limit(eval, options.test_limit);
  eval.add_flag("--confusion", options.confusion, "Print which digits were taken for which");
  add_threads(eval, options.threads, "Threads that test");
  add_min_accuracy(eval, options.min_accuracy);
  eval.add_flag("--json", options.json, "Print the result as one line of JSON, and nothing else");
  add_quiet(eval, options.verbosity, "No log");
  eval.final_callback([&eval, &options] { need_model(eval, options.model); });
}

void add_predict(CLI::App& app, CommandLine& command) {
  PredictOptions& options = command.predict;
  CLI::App& predict =
      add_command(app, command, Action::kPredict, "predict", "Say which digits image files show");
  add_model(predict, options.model);
  predict
      .add_option("images", options.images,
                  "PNG, JPEG or BMP files of one digit each, of any size, dark on light\n"
                  "or light on dark; - for the files that standard input lists, one a line")
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->option_text("IMAGE...");
  predict.add_flag("--show", options.show, "Draw what the network saw");
  predict.add_flag("--json", options.json,
                   "Print the result as one line of JSON, and nothing else");
  predict.final_callback([&predict, &options] {
    need_model(predict, options.model);
    if (options.images.empty()) fail_usage("predict: expected image files, found none");
    if (options.show && options.json) fail_usage("expected --show or --json, found both");
  });
}

void add_report(CLI::App& app, CommandLine& command) {
  ReportOptions& options = command.report;
  CLI::App& report =
      add_command(app, command, Action::kReport, "report", "Write a page about one or more runs");
  report.add_option("runs", options.runs, "Folders that --out has filled")
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->option_text("DIR...");
  report
      .add_option("--html", options.html,
                  "The page to write [report.html: in DIR, or here if there are several]")
      ->check(some_path("a file"))
      ->option_text("FILE");
  report.final_callback([&options] {
    if (options.runs.empty()) fail_usage("report: expected folders of runs, found none");
  });
}

void add_draw(CLI::App& app, CommandLine& command) {
  DrawOptions& options = command.draw;
  CLI::App& draw = add_command(app, command, Action::kDraw, "draw",
                               "Write a page on which one draws digits and sees them read");
  add_model(draw, options.model);
  draw.add_option("--html", options.html, "The page to write [draw.html]")
      ->check(some_path("a file"))
      ->option_text("FILE");
  draw.final_callback([&draw, &options] { need_model(draw, options.model); });
}

}  // namespace

void add_subcommands(CLI::App& app, CommandLine& command) {
  add_spawn(app, command);
  add_show(app, command);
  add_eval(app, command);
  add_predict(app, command);
  add_report(app, command);
  add_draw(app, command);
  app.require_subcommand(0, 1);
}

}  // namespace mnist
