#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "cli/option_value.h"

namespace mnist {

/// The options in the TOML of a config file, as arguments: `lr = 0.01` is "--lr=0.01". A list such
/// as [256, 128] is a value with commas, and a relative `data` is relative to `dir`. Throws
/// Error(kUsage) if it is not TOML, and for tables and names that begin with dashes.
std::vector<std::string> config_options(std::string_view toml, const std::filesystem::path& dir);

// Recipes are options that do well together: the files of scripts/recipes, which are built in.

OptionValue recipe_name(std::string& name);
std::vector<std::string> recipe_options(const std::string& name);  ///< as arguments
std::string recipe_list();  ///< a line for each: its name, and what it is for

}  // namespace mnist
