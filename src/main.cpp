#include <exception>
#include <iostream>
#include <new>

#include "mnist_train/app.h"
#include "mnist_train/cli.h"
#include "mnist_train/error.h"

namespace {

mnist::ExitCode run(const mnist::CommandLine& command) {
  switch (command.action) {
    case mnist::CommandLine::Action::kHelp:
      std::cout << command.help << std::flush;
      return std::cout ? mnist::ExitCode::kDone : mnist::ExitCode::kOutput;
    case mnist::CommandLine::Action::kVersion:
      return mnist::run_version();
    case mnist::CommandLine::Action::kTrain:
      return mnist::run_training(command.options);
  }
  return mnist::ExitCode::kInternal;
}

int report(mnist::ExitCode code, const char* message) {
  std::cerr << "mnist-train: error: " << message << std::endl;
  return static_cast<int>(code);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return static_cast<int>(run(mnist::parse_command_line(argc, argv)));
  } catch (const mnist::Error& error) {
    return report(error.code(), error.what());
  } catch (const std::bad_alloc&) {
    return report(mnist::ExitCode::kInternal, "out of memory; try a smaller --hidden or --batch");
  } catch (const std::exception& error) {
    return report(mnist::ExitCode::kInternal, error.what());
  }
}
