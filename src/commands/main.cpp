#include <cstdlib>
#include <exception>

#include "base/process.h"
#include "cli/cli.h"
#include "commands/commands.h"
#include "mnist_train/error.h"
#include "terminal/console.h"

namespace {

int run_or_report(int argc, char** argv) {
  try {
    return static_cast<int>(mnist::run_command(mnist::parse_command_line({argv + 1, argv + argc})));
  } catch (const std::exception&) {
    const mnist::Error error = mnist::current_error();
    mnist::print_error(error.what());
    return static_cast<int>(mnist::exit_code_of(error.kind()));
  }
}

// Functions in this section are called before those by which libraries initialize themselves.
[[gnu::section(".preinit_array"),
  gnu::used]] void (*const before_libraries)() = mnist::note_ignored_signals;

}  // namespace

int main(int argc, char** argv) {
  const int code = run_or_report(argc, argv);
  mnist::pass_interrupt_on(static_cast<mnist::ExitCode>(code));
#ifdef MNIST_TRAIN_COVERAGE
  std::exit(code);  // which also writes what was counted
#else
  // Everything has been written; LibTorch would need a tenth of a second to free its memory.
  std::_Exit(code);
#endif
}
