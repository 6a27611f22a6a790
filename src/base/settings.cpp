#include "base/settings.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/json_line.h"
#include "base/shortest.h"

namespace mnist {
namespace {

std::string text(const std::string& value) { return json_line(nlohmann::json(value)); }
std::string text(std::int64_t value) { return std::to_string(value); }
std::string text(bool value) { return value ? "true" : "false"; }

std::string text(double value) { return shortest(value); }

template <typename Value>
void add_if_set(std::vector<Setting>& settings, const std::string& name,
                const std::optional<Value>& value) {
  if (value) settings.push_back({name, text(*value)});
}

std::string engine_name(EngineKind kind) {
  const auto* const engine = std::find_if(
      kEngines.begin(), kEngines.end(), [kind](const auto& named) { return named.second == kind; });
  return engine->first;
}

}  // namespace

std::optional<std::vector<std::int64_t>> parse_widths(const std::string& text) {
  std::vector<std::int64_t> widths;
  if (text == "none") return widths;
  const char* const end = text.data() + text.size();
  for (const char* item = text.data();; ++item) {
    std::int64_t width = 0;
    const auto [rest, error] = std::from_chars(item, end, width);
    if (error != std::errc() || width < 1 || width > kMaxWidth) return std::nullopt;
    widths.push_back(width);
    if (rest == end) return widths;
    if (*rest != ',') return std::nullopt;
    item = rest;
  }
}

std::string join_widths(const std::vector<std::int64_t>& widths) {
  if (widths.empty()) return "none";
  std::string result;
  for (const std::int64_t width : widths) {
    result += (result.empty() ? "" : ",") + std::to_string(width);
  }
  return result;
}

std::vector<Setting> settings(const Options& options) {
  std::vector<Setting> result;
  if (const std::string& dir = options.data.dir; !dir.empty()) {
    result.push_back({"data", text(std::filesystem::absolute(dir).lexically_normal().string())});
  }
  add_if_set(result, "test-limit", options.data.test_limit);
  result.push_back({"epochs", text(options.training.epochs)});
  add_if_set(result, "max-time", options.training.max_seconds);
  add_if_set(result, "min-accuracy", options.min_accuracy);
  const std::vector<Setting> decisive = decisive_settings(options);
  result.insert(result.end(), decisive.begin(), decisive.end());
  return result;
}

std::vector<Setting> decisive_settings(const Options& options) {
  const TrainingOptions& training = options.training;
  std::vector<Setting> result;
  add_if_set(result, "train-limit", options.data.train_limit);
  result.push_back({"validation", text(options.data.validation)});
  add_if_set(result, "patience", training.patience);
  result.push_back({"batch", text(training.batch)});
  result.push_back({"lr", text(training.lr)});
  result.push_back({"momentum", text(training.momentum)});
  result.push_back({"weight-decay", text(training.weight_decay)});
  result.push_back({"hidden", text(join_widths(training.hidden))});
  result.push_back({"seed", text(training.seed)});
  result.push_back({"shuffle", text(training.shuffle)});
  result.push_back({"engine", text(engine_name(options.engine))});
  result.push_back({"threads", text(std::int64_t{training.threads})});
  return result;
}

std::string to_toml(const std::vector<Setting>& settings) {
  std::string result;
  for (const Setting& setting : settings) result += setting.name + " = " + setting.value + "\n";
  return result;
}

}  // namespace mnist
