#include "mnist_train/commands.h"
namespace mnist { ExitCode serve_command(const ServeOptions&) { return ExitCode::kInternal; } }
