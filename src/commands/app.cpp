#include "commands/app.h"

#include <c10/util/Exception.h>

#include <string>

#include "commands/commands.h"
#include "commands/doctor.h"
#include "mnist_train/error.h"
#include "terminal/console.h"
#include "train/runtime.h"

namespace mnist {
namespace {

ExitCode version_command() {
  write_out(version_text() + "\n");
  return ExitCode::kDone;
}

ExitCode doctor_command(const Options& options) {
  const auto [text, exit_code] = diagnose(options);
  write_out(text);
  return exit_code;
}

ExitCode run(const CommandLine& command) {
  switch (command.action) {
    case CommandLine::Action::kTrain:
      return train_command(command.options);
    case CommandLine::Action::kPrint:
      break;  // main's
    case CommandLine::Action::kVersion:
      return version_command();
    case CommandLine::Action::kDoctor:
      return doctor_command(command.options);
    case CommandLine::Action::kSpawn:
      return spawn_command(command.options);
    case CommandLine::Action::kShow:
      return show_command(command.show);
    case CommandLine::Action::kEval:
      return eval_command(command.eval);
    case CommandLine::Action::kPredict:
      return predict_command(command.predict);
    case CommandLine::Action::kReport:
      return report_command(command.report);
    case CommandLine::Action::kServe:
      return serve_command(command.serve);
  }
  return ExitCode::kInternal;
}

}  // namespace
}  // namespace mnist

mnist::ExitCode mnist_train_run_command(const mnist::CommandLine& command) {
  try {
    return mnist::run(command);
  } catch (const c10::Error& error) {
    const std::string message = error.what_without_backtrace();
    throw mnist::Error(mnist::ExitCode::kInternal, message.substr(0, message.find('\n')));
  }
}
