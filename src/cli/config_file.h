#pragma once

#include <CLI/CLI.hpp>
#include <memory>

namespace mnist {

/// Reads the TOML of --config: lines such as `lr = 0.01`, `_` for `-` allowed, a list such as
/// [256, 128] for a value with commas. CLI11's own reader takes # and commas in strings for
/// comments and lists. Throws Error(kUsage) on what is no TOML, on a table, and on a name that is
/// no option of `app` or none that may be configured.
std::shared_ptr<CLI::Config> config_reader(const CLI::App& app);

}  // namespace mnist
