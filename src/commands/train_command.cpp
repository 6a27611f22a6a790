#include <spdlog/spdlog.h>

#include <cstring>

#include "base/process.h"
#include "commands/commands.h"
#include "commands/training_run.h"
#include "terminal/console.h"
#include "terminal/text.h"
#include "train/runtime.h"

namespace mnist {
namespace {

/// Prints the result of the test or, without a test set, of the validation.
void print_result(const RunRecord& run, bool json) {
  const auto& result = run.test ? run.test : run.validation;
  if (json) {
    write_out(to_json(run) + "\n");
  } else if (result) {
    write_out("\n" + evaluation_text(*result, run.test ? "test" : "validation") + "\n");
  }
}

}  // namespace

ExitCode train_command(const Options& options) {
  set_up_log(options.verbosity);
  watch_signals();
  spdlog::debug("versions\n{}", version_text());
  ProgressBar bar;
  const auto on_step = [&](const Progress& progress) {
    if (options.verbosity != Verbosity::kQuiet) bar.show(progress);
    return true;
  };
  const auto on_epoch = [&](const EpochResult& epoch) {
    bar.clear();
    if (!options.output.json) write_out(epoch_line(epoch) + "\n");
    return true;
  };
  const RunRecord run =
      run_training(options, [&] { return load_data(options.data); }, {on_step, on_epoch});
  bar.clear();  // of an epoch that was stopped before its end
  print_result(run, options.output.json);
  if (run.status == kStatusInterrupted) {
    spdlog::warn("stopped by SIG{} after epoch {} of {}{}", sigabbrev_np(noted_signal()),
                 run.epochs, options.training.epochs,
                 run.dir.empty() ? "" : "; continue with --resume");
  }
  if (const std::string problem = problem_of(run, options); !problem.empty()) print_error(problem);
  return exit_code_of(run);
}

}  // namespace mnist
