#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mnist_train/options.h"

namespace mnist {

constexpr std::int64_t kMaxWidth = 65536;

/// "256,128" -> {256, 128}; "none" -> {}; none for anything else.
std::optional<std::vector<std::int64_t>> parse_widths(const std::string& text);
std::string join_widths(const std::vector<std::int64_t>& widths);  ///< the reverse

/// The names of the engines.
constexpr std::array<std::pair<const char*, EngineKind>, 3> kEngines{
    {{"auto", EngineKind::kAuto},
     {"autograd", EngineKind::kAutograd},
     {"sparse", EngineKind::kSparse}}};

/// An option that has a value: its name without dashes, and the value as TOML and JSON both write
/// it.
struct Setting {
  std::string name;
  std::string value;
};

/// The options of a run, but for where its output goes. The data folder is absolute.
std::vector<Setting> settings(const Options& options);

/// Those of them that decide what the weights are after any given epoch: a run can only be resumed
/// with the same.
std::vector<Setting> decisive_settings(const Options& options);

/// As a file for --config.
std::string to_toml(const std::vector<Setting>& settings);

}  // namespace mnist
