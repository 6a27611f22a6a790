#pragma once

#include <string>
#include <vector>

#include "base/settings.h"
#include "mnist_train/options.h"

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
  std::vector<std::string> job_defaults;  ///< the arguments of kJobs
  Options options;  ///< of kTrain, kPrintConfig and kDoctor; kJobs uses only the data
  ShowOptions show;
  EvalOptions eval;
  PredictOptions predict;
  ReportOptions report;
  DrawOptions draw;
  ExportOptions to_export;
  std::string help;  ///< what kPrintHelp prints: the help, or the recipes
};

/// Parses and checks the whole command line. Throws Error(kUsage) if something in it is not known,
/// is out of range, or does not go with the rest. `_` may stand for `-` in the name of an option;
/// if an option is given twice, the last one counts.
CommandLine parse_command_line(const std::vector<std::string>& arguments);

/// The options of a run, but for where its output goes, in the order in which config.toml and
/// result.json have them. Options that have no value are left out. The data folder is absolute.
std::vector<Setting> settings(const Options& options);

/// Those of them that decide the weights: a run can only be resumed with the same.
std::vector<Setting> decisive_settings(const Options& options);

/// The training options for the log: "epochs 30, batch 20, lr 0.01".
std::string describe_training(const Options& options);

}  // namespace mnist
