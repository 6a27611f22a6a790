#include "run/checkpoint.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <utility>

#include "base/fail.h"
#include "base/file.h"
#include "base/text.h"
#include "model/safetensors.h"
#include "run/fingerprint.h"

namespace mnist {
namespace {

constexpr const char* kEpochs = "epochs";
constexpr const char* kLoss = "loss";
constexpr const char* kBestEpoch = "best_epoch";
constexpr const char* kBestLoss = "best_loss";
constexpr const char* kVelocity = "velocity.";
constexpr const char* kBest = "best.";

/// A checkpoint as it was read, and its path for messages.
struct Stored : TensorFile {
  std::string path;
};

/// A loss or a number of epochs.
double read_number(const Stored& file, const std::string& key) {
  const auto found = file.metadata.find(key);
  const std::string text = found == file.metadata.end() ? "" : found->second;
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  if (!text.empty() && *end == '\0' && std::isfinite(number) && number >= 0) return number;
  fail(ErrorKind::kModel, "{}: expected a checkpoint with {}, found '{}'", file.path, key, text);
}

/// Adds tensors in the order of the parameters, under their names after a prefix.
void add_tensors(TensorFile& file, const std::string& prefix, const MlpImpl& model,
                 const std::vector<torch::Tensor>& tensors) {
  const std::vector<std::string> names = model.named_parameters().keys();
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    file.tensors.insert(prefix + names.at(i), tensors[i]);
  }
}

/// Reads such tensors.
std::vector<torch::Tensor> take_tensors(const Stored& file, const std::string& prefix,
                                        const MlpImpl& model) {
  std::vector<torch::Tensor> tensors;
  for (const auto& parameter : model.named_parameters()) {
    const std::string name = prefix + parameter.key();
    const torch::Tensor* const tensor = file.tensors.find(name);
    if (tensor == nullptr || tensor->sizes() != parameter.value().sizes()) {
      fail(ErrorKind::kModel, "{}: expected a tensor {} [{}], found none", file.path, name,
           fmt::join(parameter.value().sizes(), ","));
    }
    tensors.push_back(*tensor);
  }
  return tensors;
}

/// Throws unless the metadata, but for the numbers, are this key.
void check_key(const Stored& file, ResumeKey key) {
  ResumeKey stored = file.metadata;
  for (const char* number : {kEpochs, kLoss, kBestEpoch, kBestLoss}) stored.erase(number);
  for (const auto& [entry, value] : key) stored.try_emplace(entry, "none");
  for (const auto& [entry, value] : stored) key.try_emplace(entry, "none");
  const auto [expected, found] = std::ranges::mismatch(stored, key);
  if (expected == stored.end()) return;
  fail(ErrorKind::kUsage,
       "{}: expected {} as in {}, found {}; resume with the same, or choose another directory "
       "with --out",
       expected->first, expected->second, file.path, found->second);
}

}  // namespace

bool decides_weights(const Setting& option) {
  // The data are not decided by their directory: the key has their fingerprint.
  constexpr std::array kOthers{"data",   "test-limit", "epochs",      "max-time",
                               "device", "threads",    "min-accuracy"};
  return std::ranges::find(kOthers, option.name) == kOthers.end();
}

ResumeKey resume_key(const std::vector<Setting>& config, const Engine& engine, const Dataset& train,
                     const TrainingOptions& options) {
  ResumeKey key;
  for (const Setting& option : config) {
    if (decides_weights(option)) key["--" + option.name] = option.value;
  }
  const std::string name = engine.name().substr(0, engine.name().find(' '));
  key["--engine"] = name;
  if (name == "autograd") key["--threads"] = std::to_string(engine.threads());
  // This name comes after those of all options, some of which change the contents, too.
  key["contents of --data"] = fingerprint(train);
  if (options.lr_schedule != LrSchedule::kConstant) {
    key["epochs of --lr-schedule"] = std::to_string(options.epochs);
  }
  return key;
}

void write_checkpoint(const std::filesystem::path& file, const MlpImpl& model,
                      const TrainingState& state, ResumeKey key) {
  TensorFile contents;
  contents.metadata = std::move(key);
  contents.metadata[kEpochs] = std::to_string(state.epochs);
  contents.metadata[kLoss] = shortest(state.loss);
  add_tensors(contents, "", model, state.parameters);
  add_tensors(contents, kVelocity, model, state.velocities);
  if (state.best) {
    contents.metadata[kBestEpoch] = std::to_string(state.best->epoch);
    contents.metadata[kBestLoss] = shortest(state.best->loss);
    add_tensors(contents, kBest, model, state.best->parameters);
  }
  write_file(file, encode_safetensors(contents));
}

TrainingState read_checkpoint(const std::filesystem::path& path, const MlpImpl& model,
                              const TrainingOptions& options, const ResumeKey& key) {
  const Stored file{read_safetensors(path), path.string()};
  const double epochs = read_number(file, kEpochs);
  check_key(file, key);
  if (epochs > static_cast<double>(options.epochs)) {
    fail(ErrorKind::kUsage, "--epochs: expected at least {}, which {} has, found {}", epochs,
         file.path, options.epochs);
  }
  TrainingState state;
  if (epochs == 0) return state;
  state.epochs = static_cast<std::int64_t>(epochs);
  state.loss = read_number(file, kLoss);
  state.parameters = take_tensors(file, "", model);
  if (options.momentum != 0) state.velocities = take_tensors(file, kVelocity, model);
  if (options.patience) {
    const double best_epoch = std::min(read_number(file, kBestEpoch), epochs);
    state.best = BestEpoch{static_cast<std::int64_t>(best_epoch), read_number(file, kBestLoss),
                           take_tensors(file, kBest, model)};
  }
  return state;
}

}  // namespace mnist
