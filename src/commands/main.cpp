#include <dlfcn.h>

#include <cstdlib>
#include <exception>
#include <filesystem>
#include <iostream>
#include <new>
#include <string>

#include "base/printable.h"
#include "cli/cli.h"
#include "commands/app.h"
#include "mnist_train/error.h"

namespace {

/// The library that is linked to LibTorch: beside the program in the folder of the build, in a
/// folder of its own when installed.
std::filesystem::path app_library() {
  namespace fs = std::filesystem;
  constexpr const char* kName = "libmnist_train_app.so";
  const fs::path dir = fs::read_symlink("/proc/self/exe").parent_path();
  return fs::exists(dir / kName) ? dir / kName : dir / MNIST_TRAIN_LIBDIR / kName;
}

/// Has the thread pools of LibTorch not wait by spinning, in each other's way: with --threads 2 on
/// two processors autograd takes a third of the time. They read this when they are loaded.
void calm_thread_pools() {
  constexpr int kKeepWhatTheUserSet = 0;
  setenv("OMP_WAIT_POLICY", "passive", kKeepWhatTheUserSet);
  setenv("OPENBLAS_NUM_THREADS", "1", kKeepWhatTheUserSet);  // more when set_threads() wants them
}

/// Its function. Only what needs it loads it: LibTorch takes half a second to load, for which
/// neither --help nor a mistyped option should wait.
auto load_run_command() {
  calm_thread_pools();
  void* const library = dlopen(app_library().c_str(), RTLD_NOW | RTLD_GLOBAL);
  void* const symbol = library == nullptr ? nullptr : dlsym(library, "mnist_train_run_command");
  if (symbol == nullptr) {
    throw mnist::Error(mnist::ExitCode::kInternal,
                       std::string("expected the library of this program and LibTorch, found: ") +
                           dlerror() + "; install mnist-train, or LibTorch, anew");
  }
  return reinterpret_cast<decltype(&mnist_train_run_command)>(symbol);
}

mnist::ExitCode run(const mnist::CommandLine& command) {
  if (command.action != mnist::CommandLine::Action::kPrint) return load_run_command()(command);
  std::cout << command.text << std::flush;
  return std::cout ? mnist::ExitCode::kDone : mnist::ExitCode::kOutput;
}

int report(mnist::ExitCode code, const char* message) {
  std::cerr << mnist::error_line(message) << std::flush;
  return static_cast<int>(code);
}

int run_or_report(int argc, char** argv) {
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
