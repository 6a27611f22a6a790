#pragma once

#include <string>
#include <vector>

#include "cli/command_help.h"
#include "mnist_train/options.h"

namespace mnist {

struct CommandLine {
  enum class Action {
    kTrain,
    kPrint,
    kVersion,
    kDoctor,
    kSpawn,
    kShow,
    kEval,
    kPredict,
    kReport,
    kDraw,
  };

  Action action = Action::kTrain;
  Options options;  ///< of kTrain and kDoctor; of kSpawn the data only
  ShowOptions show;
  EvalOptions eval;
  PredictOptions predict;
  ReportOptions report;
  DrawOptions draw;
  std::string text;  ///< what kPrint prints
};

/// Parses and checks the whole command line. Throws Error(kUsage) on anything it does not know or
/// that is out of range. `_` may stand for `-` in an option's name; of an option given twice the
/// last counts.
CommandLine parse_command_line(int argc, const char* const* argv);

/// All that it knows, for documentation.
std::vector<CommandHelp> command_help();

}  // namespace mnist
