#pragma once

#include <CLI/CLI.hpp>
#include <array>
#include <map>
#include <string>
#include <vector>

namespace mnist {

// What sets options: the command line, then a config file, then a recipe. Each fills in those that
// nothing before it has set.

/// The first names of the options that were given, without flags that are off ("--resume=false"),
/// and what messages about them begin with: nothing for those of the command line, "config.toml: "
/// for those of that file.
using Given = std::map<std::string, std::string>;

/// Takes the options of the command line. `_` may stand for `-` in their names: sweep tools write
/// them like variables. False if --help was asked for. Throws Error(kUsage) for unknown options and
/// for values that are not what is expected.
bool take_arguments(CLI::App& app, std::vector<std::string> arguments);

/// Where the options are of the command that was given.
CLI::App& place_of_options(CLI::App& app);

/// The options that were given there.
Given given_to(const CLI::App& place);

/// Takes options from a TOML file, and adds them to `given`. A list such as [256, 128] is a value
/// with commas, and a relative `data` is relative to the file. Throws Error(kUsage), whose message
/// begins with the file's name, if it is not TOML, has a name twice, or one that is not
/// configurable().
void take_config(CLI::App& app, const std::string& file, Given& given);

/// Options that do well together: files of scripts/recipes, which are built in.
constexpr std::array kRecipes{"best", "quick", "plain"};

void take_recipe(CLI::App& app, const std::string& name);

std::string recipe_list();  ///< a line for each: its name, and what it is for

}  // namespace mnist
