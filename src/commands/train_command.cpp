#include <spdlog/spdlog.h>

#include <cstring>
#include <sstream>

#include "commands/commands.h"
#include "mnist_train/train.h"
#include "run/record.h"
#include "terminal/console.h"
#include "terminal/text.h"
#include "train/runtime.h"

namespace mnist {

ExitCode train_command(const Options& options) {
  set_up_log(options.verbosity);
  watch_signals();
  std::istringstream versions(version_text());
  for (std::string line; std::getline(versions, line);) spdlog::debug("{}", line);
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
  const auto load = [](const DataOptions& data) { return load_data(data); };
  const RunRecord run = run_training(options, load, {on_step, on_epoch});
  bar.clear();  // of an epoch that was stopped before its end
  const auto& evaluation = run.test ? run.test : run.validation;
  if (options.output.json) {
    write_out(to_json(run) + "\n");
  } else if (evaluation) {
    write_out("\n" + evaluation_text(*evaluation, run.test ? "test" : "validation") + "\n");
  }
  if (run.status == kStatusInterrupted) {
    spdlog::warn("stopped by SIG{} after epoch {} of {}{}", sigabbrev_np(noted_signal()),
                 run.epochs, options.training.epochs,
                 run.dir.empty() ? "" : "; continue with --resume");
  }
  if (!run.problem.empty()) print_error(run.problem);
  return exit_code_of(run);
}

}  // namespace mnist
