#pragma once

#include <string>
#include <vector>

#include "base/settings.h"
#include "cli/options.h"

namespace mnist {

/// What the user asks for.
struct CommandLine {
  enum class Action {
    kTrain,
    kPrintHelp,
    kPrintConfig,
    kVersion,
    kDoctor,
    kJobs,
    kShow,
    kEval,
    kPredict,
    kReport,
    kDraw,
    kExport,
  };

  Action action = Action::kTrain;
  std::vector<std::string> job_defaults;  ///< the arguments of kJobs, for each of its lines
  Options options;  ///< of kTrain, kPrintConfig and kDoctor; kJobs uses only the data
  ShowOptions show;
  EvalOptions eval;
  PredictOptions predict;
  ReportOptions report;
  DrawOptions draw;
  ExportOptions to_export;
  std::string recipe;  ///< its options are in `options`, and so are those of
  std::string config;  ///< a TOML file
  std::string help;    ///< what kPrintHelp prints: the help, or the recipes
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

/// Those of them that decide the weights: a run can only be resumed with the same.
std::vector<Setting> decisive_settings(const Options& options);

/// The training options for the log: "epochs 30, batch 20, lr 0.01".
std::string describe_training(const TrainingOptions& options);

}  // namespace mnist
