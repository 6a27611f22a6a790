#pragma once

#include <map>
#include <string>
#include <vector>

#include "cli/command_help.h"

namespace mnist {

// The man page and the completions of shells. What they say of commands, options and exit codes is
// made here; the rest is in src/docs/*.in, where @NAME@ stands for it.

using Parts = std::map<std::string, std::string>;

Parts man_page_parts(const std::vector<CommandHelp>& commands);  ///< in the macros of man(7)
Parts bash_parts(const std::vector<CommandHelp>& commands);
Parts zsh_parts(const std::vector<CommandHelp>& commands);
Parts fish_parts(const std::vector<CommandHelp>& commands);

/// The text with each @NAME@, which it has once, replaced by the part of that name. Throws
/// std::invalid_argument if there is none of a part.
std::string filled(std::string text, const Parts& parts);

}  // namespace mnist
