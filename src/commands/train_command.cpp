#include <spdlog/spdlog.h>

#include <cstring>
#include <iostream>

#include "base/process.h"
#include "commands/commands.h"
#include "commands/train_log.h"
#include "commands/training_run.h"
#include "terminal/console.h"

namespace mnist {
namespace {

Console make_console(const Options& options) {
  ConsoleStyle style = console_style();
  if (options.verbosity == Verbosity::kQuiet) style.bar_width = nullptr;
  style.shows_epochs = !options.output.json;
  return {std::cout, std::cerr, style};
}

/// Prints the result of the test or, without a test set, of the validation.
void print_result(const RunRecord& run, bool json, Console& console) {
  console.clear_bar();
  if (json) {
    console.print(to_json(run));
  } else if (run.test) {
    console.show(*run.test, "test");
  } else if (run.validation) {
    console.show(*run.validation, "validation");
  }
}

}  // namespace

ExitCode train_command(const Options& options) {
  set_up_log(options.verbosity);
  watch_signals();
  log_versions();
  Console console = make_console(options);
  const auto on_step = [&](const Progress& progress) {
    console.on_step(progress);
    return true;
  };
  const auto on_epoch = [&](const EpochResult& epoch) {
    console.on_epoch(epoch);
    return true;
  };
  const RunRecord run =
      run_training(options, [&] { return load_data(options.data); }, {on_step, on_epoch});
  print_result(run, options.output.json, console);
  if (run.status == kStatusInterrupted) {
    spdlog::warn("stopped by SIG{} after epoch {} of {}{}", sigabbrev_np(noted_signal()),
                 run.epochs, options.training.epochs,
                 run.dir.empty() ? "" : "; continue with --resume");
  }
  if (const std::string problem = problem_of(run, options); !problem.empty()) print_error(problem);
  return exit_code_of(run);
}

}  // namespace mnist
