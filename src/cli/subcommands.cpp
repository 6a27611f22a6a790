#include <utility>

#include "cli/option_table.h"
#include "mnist_train/shape.h"

namespace mnist {
namespace {

using Action = CommandLine::Action;

OptionRow model_option(std::string& model, bool is_required = true) {
  return {.names = "--model,--weights",
          .value = file(model),
          .help = "Weights: a .safetensors file, or the --out\ndirectory of a run",
          .is_required = is_required};
}

std::vector<OptionRow> show_options(ShowOptions& show) {
  std::vector<OptionRow> rows{
      data_option(show.data_dir),
      {"--split", choice<Split>(show.split, {{"train", Split::kTrain}, {"test", Split::kTest}}),
       "Data set: train or test [train; test with --wrong]"},
      {"--count", whole_number(show.count, 1, kMaxImages), "Maximum number of images"},
      {"--index", whole_number(show.first, 0, kMaxImages),
       "Position of the first image, from 0; without\n--count, show this image only"},
      {"--digit", whole_number(show.digit, 0, kDigits - 1, "D"), "Only images of this digit"},
      {"--random", flag(show.random), "Pick images at random"},
      seed_option(show.seed),
      {"--wrong", flag(show.wrong), "Only images that --model misclassifies"},
      model_option(show.model, false),
      {"--png", file(show.png),
       "Write a labeled grid, ten across, to this PNG file\ninstead of drawing in the terminal"},
  };
  for (OptionRow& row : augment_options(show.augment)) rows.push_back(std::move(row));
  rows.push_back(
      {"--epoch", whole_number(show.epoch, 1, kMaxImages), "Augment as in this epoch of training"});
  return rows;
}

std::vector<OptionRow> eval_options(EvalOptions& eval) {
  return {
      model_option(eval.model),
      data_option(eval.data_dir),
      test_limit_option(eval.test_limit),
      {"--confusion", flag(eval.confusion), "Print the confusion matrix"},
      threads_option(eval.threads),
      min_accuracy_option(eval.min_accuracy),
      json_option(eval.json),
      {"--quiet", flag(eval.verbosity, Verbosity::kQuiet), "No log"},
  };
}

std::vector<OptionRow> predict_options(PredictOptions& predict) {
  return {
      model_option(predict.model),
      {.names = "IMAGE",
       .value = paths(predict.images, "IMAGE..."),
       .help = "PNG, JPEG or BMP files of one digit each, of any\nsize, dark on light or light on "
               "dark; - reads file\nnames from standard input, one per line",
       .is_required = true},
      {"--show", flag(predict.show), "Draw the network's input"},
      json_option(predict.json),
  };
}

std::vector<OptionRow> report_options(ReportOptions& report) {
  return {
      {.names = "DIR",
       .value = paths(report.runs, "DIR..."),
       .help = "Directories of runs (--out)",
       .is_required = true},
      {"--html", file(report.html),
       "The page to write [report.html: in DIR, or in the\ncurrent directory for several runs]"},
  };
}

}  // namespace

std::vector<Command> commands(CommandLine& line) {
  return {
      {.name = "doctor",
       .help = "Check the setup for a run with the same options",
       .action = Action::kDoctor,
       .options = {},
       .takes_main_options = true,
       .footer = "Takes the options of a training run, and changes nothing. Exits with the code\n"
                 "that the run would fail with."},
      {.name = "jobs",
       .help = "Run the training runs that standard input lists,\none per line",
       .action = Action::kJobs,
       .options = {},
       .takes_main_options = true,
       .footer =
           "Each line has the options of a run, quoted as in a shell or as a JSON array of\n"
           "strings; options given to jobs are defaults for all lines. Prints JSON lines: one\n"
           "for each epoch and one for each result. SIGUSR1 ends the run at hand."},
      {"show", "Show images of a data set", Action::kShow, show_options(line.show)},
      {"eval", "Evaluate a saved model", Action::kEval, eval_options(line.eval)},
      {.name = "predict",
       .help = "Classify image files",
       .action = Action::kPredict,
       .options = predict_options(line.predict),
       .footer = "Exits with code 3 if an image could not be read."},
      {"report", "Write a page about one or more runs", Action::kReport,
       report_options(line.report)},
      {"draw",
       "Write an interactive page that classifies\nhand-drawn digits",
       Action::kDraw,
       {model_option(line.draw.model),
        {"--html", file(line.draw.html), "The page to write [draw.html]"}}},
      {"export",
       "Export a saved model to ONNX",
       Action::kExport,
       {model_option(line.to_export.model),
        {"--onnx", file(line.to_export.onnx), "The file to write [model.onnx]"}}},
  };
}

}  // namespace mnist
