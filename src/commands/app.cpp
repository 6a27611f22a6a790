#include <c10/util/Exception.h>
#include <spdlog/spdlog.h>

#include <exception>
#include <new>
#include <string>

#include "base/process.h"
#include "commands/commands.h"
#include "kernels/kernels.h"
#include "mnist_train/error.h"
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

Error error_of_torch(const std::string& message) {
  const auto says = [&](const char* part) { return message.find(part) != std::string::npos; };
  if (says("DefaultCPUAllocator")) return out_of_memory();
  if (says("CUDA out of memory") || says("CUBLAS_STATUS_ALLOC_FAILED")) {
    return {ErrorKind::kInternal,
            "out of GPU memory; try a smaller --batch or --hidden, or --device cpu"};
  }
  return {ErrorKind::kInternal, message.substr(0, message.find('\n'))};
}

}  // namespace

int usable_threads(int threads) {
  const int cpus = usable_cpus();
  if (threads <= cpus) return threads;
  spdlog::warn("--threads {} reduced to {}, the number of available CPUs", threads, cpus);
  return cpus;
}

ExitCode run_command(const CommandLine& command) {
  limit_simd();
  set_threads(1);  // training and eval set as many as --threads says
  switch (command.action) {
    case CommandLine::Action::kTrain:
      return train_command(command.options);
    case CommandLine::Action::kPrint:
      write_out(command.text);
      return ExitCode::kDone;
    case CommandLine::Action::kVersion:
      write_out(version_text() + "\nfingerprint " + kFingerprint + "\n");
      return ExitCode::kDone;
    case CommandLine::Action::kDoctor:
      return doctor_command(command.options);
    case CommandLine::Action::kJobs:
      return jobs_command(command.arguments);
    case CommandLine::Action::kShow:
      return show_command(command.show);
    case CommandLine::Action::kEval:
      return eval_command(command.eval);
    case CommandLine::Action::kPredict:
      return predict_command(command.predict);
    case CommandLine::Action::kReport:
      return report_command(command.report);
    case CommandLine::Action::kDraw:
      return draw_command(command.draw);
    case CommandLine::Action::kExport:
      return export_command(command.to_export);
  }
  return ExitCode::kInternal;
}

Error current_error() {
  try {
    throw;
  } catch (const Error& error) {
    return error;
  } catch (const std::bad_alloc&) {
    return out_of_memory();
  } catch (const c10::Error& error) {
    return error_of_torch(error.what_without_backtrace());
  } catch (const std::exception& error) {
    return {ErrorKind::kInternal, error.what()};
  }
}

}  // namespace mnist
