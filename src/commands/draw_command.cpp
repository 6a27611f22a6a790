#include "commands/commands.h"

namespace mnist {

// A stub until the part that draws is merged.
ExitCode draw_command(const DrawOptions& /*options*/) {
  fail(ExitCode::kInternal, "draw: not yet");
}

}  // namespace mnist
