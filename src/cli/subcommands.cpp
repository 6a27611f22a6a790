#include <fmt/format.h>

#include <utility>

#include "cli/option_table.h"
#include "cli/usage_error.h"
#include "mnist_train/shape.h"

namespace mnist {
namespace {

using Action = CommandLine::Action;

constexpr std::int64_t kMaxPngImages = 2000;  // 200 rows of ten

OptionRow model_option(std::string& model) {
  return {{"--model"}, file(model), "Weights: a .safetensors file, or the --out folder of a run"};
}

OptionRow required_model_option(std::string& model) {
  OptionRow row = model_option(model);
  row.is_required = true;
  return row;
}

std::vector<OptionRow> show_options(ShowOptions& show) {
  std::vector<OptionRow> rows = augment_options(show.augment);
  rows.front().help = "Distort training images as in training: none, shift, affine or elastic";
  rows.push_back({.names = {"--epoch"},
                  .value = whole_number(show.epoch, 1, kMaxImages),
                  .help = "The epoch that would distort them so",
                  .needs = "--augment"});
  OptionRow model = model_option(show.model);
  model.needs = "--wrong";
  OptionValue digit = whole_number(show.digit, 0, kDigits - 1);
  digit.placeholder = "D";
  const std::vector<OptionRow> own{
      help_option(),
      data_option(show.data_dir),
      {{"--split"},
       choice<Split>(show.split, {{"train", Split::kTrain}, {"test", Split::kTest}}),
       "Which images: train or test [train; test with --wrong]"},
      {{"--count"}, whole_number(show.count, 1, kMaxImages), "Images at most"},
      {.names = {"--index"},
       .value = whole_number(show.first, 0, kMaxImages),
       .help = "Start at this position, counted from 0;\nalone, show this image only",
       .excludes = "--random"},
      {{"--digit"}, digit, "Only images of this digit"},
      {{"--random"}, flag(show.random), "Any images, not the first"},
      {.names = {"--seed"},
       .value = whole_number(show.seed, 0, kMaxSeed),
       .help = "Seed of --random and of --augment"},
      {.names = {"--wrong"},
       .value = flag(show.wrong),
       .help = "Only images that --model gets wrong",
       .needs = "--model"},
      std::move(model),
      {{"--png"},
       file(show.png),
       "Write a labelled grid, ten across, to this PNG file\nin place of drawing in the terminal"},
  };
  rows.insert(rows.begin(), own.begin(), own.end());
  return rows;
}

void finish_show(ShowOptions& show, const IsGiven& is_given) {
  if (is_given("--index") && !is_given("--count")) show.count = 1;
  const bool distorts = show.augment.kind != Augment::kNone;
  if (is_given("--seed") && !show.random && !distorts) {
    fail_usage("--seed: expected --random or --augment with it, found neither");
  }
  if (distorts && show.split.value_or(show.wrong ? Split::kTest : Split::kTrain) == Split::kTest) {
    fail_usage("--augment: expected training images, found test images, which are never distorted");
  }
  if (!show.png.empty() && show.count > kMaxPngImages) {
    fail_usage("--count: expected at most {} with --png, found {}", kMaxPngImages, show.count);
  }
}

std::vector<OptionRow> eval_options(EvalOptions& eval) {
  return {
      help_option(),
      required_model_option(eval.model),
      data_option(eval.data_dir),
      test_limit_option(eval.test_limit),
      {{"--confusion"}, flag(eval.confusion), "Print which digits were taken for which"},
      {{"--threads"}, whole_number(eval.threads, 1, kMaxThreads), "Threads that test"},
      min_accuracy_option(eval.min_accuracy),
      json_option(eval.json),
      {{"--quiet"}, flag(eval.verbosity, Verbosity::kQuiet), "No log"},
  };
}

std::vector<OptionRow> predict_options(PredictOptions& predict) {
  return {
      help_option(),
      required_model_option(predict.model),
      {.names = {"images"},
       .value = paths(predict.images, ValueKind::kFile, "IMAGE...", "image files"),
       .help = "PNG, JPEG or BMP files of one digit each, of any size, dark on light\n"
               "or light on dark; - for the files that standard input lists, one a line",
       .is_required = true},
      {.names = {"--show"},
       .value = flag(predict.show),
       .help = "Draw what the network saw",
       .excludes = "--json"},
      json_option(predict.json),
  };
}

std::vector<OptionRow> report_options(ReportOptions& report) {
  return {
      help_option(),
      {.names = {"runs"},
       .value = paths(report.runs, ValueKind::kFolder, "DIR...", "folders of runs"),
       .help = "Folders that --out has filled",
       .is_required = true},
      {{"--html"},
       file(report.html),
       "The page to write [report.html: in DIR, or here if there are several]"},
  };
}

std::vector<OptionRow> draw_options(DrawOptions& draw) {
  return {
      help_option(),
      required_model_option(draw.model),
      {{"--html"}, file(draw.html), "The page to write [draw.html]"},
  };
}

std::vector<OptionRow> export_options(ExportOptions& to_export) {
  return {
      help_option(),
      required_model_option(to_export.model),
      {{"--onnx"}, file(to_export.onnx), "The file to write [model.onnx]"},
  };
}

}  // namespace

std::vector<Command> command_table(CommandLine& line) {
  const auto finish = [&line](const IsGiven& is_given) { finish_show(line.show, is_given); };
  return {
      {.name = "",
       .help = "Trains a multilayer perceptron on MNIST and tests it.",
       .action = Action::kTrain,
       .options = main_options(line),
       .takes_main_options = true},
      {.name = "doctor",
       .help = "Check what a run with these options would find",
       .action = Action::kDoctor,
       .options = {help_option()},
       .takes_main_options = true},
      {.name = "jobs",
       .help = "Run the training jobs that standard input lists, one per line",
       .action = Action::kJobs,
       .options = {help_option()},
       .takes_main_options = true},
      {.name = "show",
       .help = "Look at the images",
       .action = Action::kShow,
       .options = show_options(line.show),
       .finish = finish},
      {"eval", "Test a saved model", Action::kEval, eval_options(line.eval)},
      {"predict", "Say which digits image files show", Action::kPredict,
       predict_options(line.predict)},
      {"report", "Write a page about one or more runs", Action::kReport,
       report_options(line.report)},
      {"draw", "Write a page on which one draws digits and sees them read", Action::kDraw,
       draw_options(line.draw)},
      {"export", "Write a saved model as ONNX, for other programs", Action::kExport,
       export_options(line.to_export)},
  };
}

}  // namespace mnist
