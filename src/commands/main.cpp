#include <cstdlib>
#include <exception>
#include <iostream>
#include <new>

#include "base/printable.h"
#include "cli/cli.h"
#include "commands/app.h"
#include "mnist_train/error.h"

namespace {

/// Makes the thread pools of LibTorch and of OpenBLAS sleep while they wait, so that they do not
/// keep each other off the processor: with --threads 2 on two processors, autograd then takes a
/// third of the time. Both pools read these variables as their libraries are loaded, which is
/// before main() and all constructors.
void calm_thread_pools() {
  constexpr int kKeepWhatTheUserSet = 0;
  setenv("OMP_WAIT_POLICY", "passive", kKeepWhatTheUserSet);
  setenv("OPENBLAS_NUM_THREADS", "1", kKeepWhatTheUserSet);  // set_threads() asks for more
}

// The dynamic linker calls what this section of the program lists before any library's
// constructors.
[[gnu::section(".preinit_array"), gnu::used]] void (*const before_libraries)() = calm_thread_pools;

int report(mnist::ExitCode code, const char* message) {
  std::cerr << mnist::error_line(message) << std::flush;
  return static_cast<int>(code);
}

int run_or_report(int argc, char** argv) {
  try {
    return static_cast<int>(mnist::run_command(mnist::parse_command_line(argc, argv)));
  } catch (const mnist::Error& error) {
    return report(error.code(), error.what());
  } catch (const std::bad_alloc&) {
    return report(mnist::ExitCode::kInternal, "out of memory; try a smaller --hidden or --batch");
  } catch (const std::exception& error) {
    return report(mnist::ExitCode::kInternal, error.what());
  }
}

}  // namespace

int main(int argc, char** argv) {
  const int code = run_or_report(argc, argv);
#ifdef MNIST_TRAIN_COVERAGE
  std::exit(code);  // which also writes what was counted
#else
  // Everything has been written; LibTorch would need a tenth of a second to free its memory.
  std::_Exit(code);
#endif
}
