#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mnist_train/options.h"
#include "run/record.h"
#include "terminal/console.h"

namespace mnist {

// The options of the program and of its commands, with their defaults. Those that library code
// needs are in mnist_train/options.h.

/// Of a training run.
struct Options {
  DataOptions data;
  TrainingOptions training;
  ComputeOptions compute;
  OutputOptions output;
  std::optional<double> min_accuracy;  ///< percent of the test images
  std::optional<std::string> recipe;   ///< the name of the one that the others come from
  Verbosity verbosity = Verbosity::kNormal;
};

struct ShowOptions {
  std::string data_dir;        ///< as in DataOptions
  std::optional<Split> split;  ///< none: the training images, or the test images with `wrong`
  std::int64_t first = 0;      ///< the position that it starts from
  std::int64_t count = 20;     ///< images at most
  std::optional<std::int64_t> digit;  ///< only images with this label
  bool random = false;                ///< pick them at random
  std::int64_t seed = 1;              ///< of `random` and `augment`
  bool wrong = false;                 ///< only images that `model` misclassifies
  std::string model;                  ///< a file, or the directory of a run
  AugmentOptions augment;
  std::int64_t epoch = 1;  ///< of training, whose augmentation is shown
  std::string png;         ///< a file to write in place of drawing; empty: none

  Split shown_split() const { return split.value_or(wrong ? Split::kTest : Split::kTrain); }
};

struct EvalOptions {
  std::string data_dir;  ///< as in DataOptions
  std::optional<std::int64_t> test_limit;
  std::string model;
  bool confusion = false;
  bool json = false;
  std::optional<double> min_accuracy;  ///< percent
  int threads = 1;
  Verbosity verbosity = Verbosity::kNormal;
};

struct PredictOptions {
  std::string model;
  std::vector<std::string> images;  ///< files; "-": those that standard input lists, one a line
  bool show = false;                ///< draw the network's input
  bool json = false;
};

struct DrawOptions {
  std::string model;               ///< a file, or the directory of a run
  std::string html = "draw.html";  ///< the page to write
};

struct ExportOptions {
  std::string model;                ///< a file, or the directory of a run
  std::string onnx = "model.onnx";  ///< the file to write
};

struct ReportOptions {
  std::vector<std::string> runs;  ///< directories
  std::string html;               ///< the page to write; empty: report.html
};

/// What the user asks for.
struct CommandLine {
  std::string command;                 ///< such as "eval"; empty: a training run
  std::vector<std::string> arguments;  ///< all; those of jobs come before those of its lines
  Options options;                     ///< of a training run, doctor and jobs
  ShowOptions show;
  EvalOptions eval;
  PredictOptions predict;
  ReportOptions report;
  DrawOptions draw;
  ExportOptions to_export;
  std::optional<std::size_t> recipe;  ///< one of kRecipes; its options are in `options`, and so are
  std::string config;                 ///< those of this TOML file
  bool prints_version = false;
  bool prints_config = false;
  std::string text;  ///< to print in place of all else: the help, the recipes or the options
};

/// Parses and checks the arguments, which do not begin with the program's name. `_` may stand for
/// `-` in the name of an option; the last value of an option counts, and those of the command line
/// override those of --config, which override those of --recipe. Throws Error(kUsage) if something
/// is unknown, out of range, in conflict with the rest, or without effect.
CommandLine parse_command_line(const std::vector<std::string>& arguments);

/// The options that decide the result of a run and that have a value, in the order of the help:
/// config.toml, and `config` of result.json. The data directory is absolute. Throws Error(kUsage)
/// if that is not UTF-8.
std::vector<Setting> settings(const Options& options);

}  // namespace mnist
