#include <c10/util/Exception.h>
#include <spdlog/spdlog.h>

#include <exception>
#include <map>
#include <new>

#include "commands/commands.h"
#include "kernels/kernels.h"
#include "run/fingerprint.h"
#include "terminal/console.h"
#include "train/runtime.h"

namespace mnist {
namespace {

Error out_of_memory() {
  return {ErrorKind::kInternal,
          "out of memory; try fewer images (--train-limit, --test-limit), or a smaller --hidden or "
          "--batch"};
}

}  // namespace

int usable_threads(int threads) {
  const int cpus = usable_cpus();
  if (threads <= cpus) return threads;
  spdlog::warn("--threads {} reduced to {}, the number of available CPUs", threads, cpus);
  return cpus;
}

ExitCode run_command(const CommandLine& command) {
  using Run = ExitCode (*)(const CommandLine&);
  static const std::map<std::string, Run> kCommands{
      {"", [](const CommandLine& line) { return train_command(line.options); }},
      {"doctor", [](const CommandLine& line) { return doctor_command(line.options); }},
      {"jobs", [](const CommandLine& line) { return jobs_command(line.arguments); }},
      {"show", [](const CommandLine& line) { return show_command(line.show); }},
      {"eval", [](const CommandLine& line) { return eval_command(line.eval); }},
      {"predict", [](const CommandLine& line) { return predict_command(line.predict); }},
      {"report", [](const CommandLine& line) { return report_command(line.report); }},
      {"draw", [](const CommandLine& line) { return draw_command(line.draw); }},
      {"export", [](const CommandLine& line) { return export_command(line.to_export); }}};
  if (command.prints_version || !command.text.empty()) {
    const std::string version = version_text() + "\nfingerprint " + kFingerprint + "\n";
    write_out(command.prints_version ? version : command.text);
    return ExitCode::kDone;
  }
  limit_simd();
  set_threads(1);  // training sets as many as --threads says
  return kCommands.at(command.command)(command);
}

Error current_error() {
  try {
    throw;
  } catch (const Error& error) {
    return error;
  } catch (const std::bad_alloc&) {
    return out_of_memory();
  } catch (const c10::Error& error) {
    const std::string message = error.what_without_backtrace();
    if (message.find("DefaultCPUAllocator") != std::string::npos) return out_of_memory();
    return {ErrorKind::kInternal, message.substr(0, message.find('\n'))};
  } catch (const std::exception& error) {
    return {ErrorKind::kInternal, error.what()};
  }
}

}  // namespace mnist
