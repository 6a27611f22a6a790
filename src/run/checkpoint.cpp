#include "run/checkpoint.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "mnist_train/data.h"
#include "mnist_train/error.h"
#include "model/state_dict.h"

namespace mnist {
namespace {

constexpr const char* kEpochs = "epochs";
constexpr const char* kLoss = "loss";
constexpr const char* kBestEpoch = "best_epoch";
constexpr const char* kBestLoss = "best_loss";
constexpr const char* kVelocity = "velocity.";
constexpr const char* kBest = "best.";
constexpr const char* kThreads = "--threads";
// Their names come after those of all options, some of which change labels and images, too.
constexpr const char* kLabels = "labels of --data";
constexpr const char* kImages = "pixels of --data";

std::string metadata(const TensorFile& file, const std::string& key) {
  const auto found = file.metadata.find(key);
  if (found == file.metadata.end()) refuse(file.source, "expected metadata '{}', found none", key);
  return found->second;
}

/// The number with all its bits, as C's %a has it.
std::string exact(double number) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%a", number);
  return text.data();
}

double read_exact(const TensorFile& file, const std::string& key) {
  const std::string text = metadata(file, key);
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !std::isfinite(number)) {
    refuse(file.source, "expected metadata '{}' to be a number, found '{}'", key, text);
  }
  return number;
}

std::int64_t read_count(const TensorFile& file, const std::string& key) {
  const std::string text = metadata(file, key);
  const char* const end = text.data() + text.size();
  std::int64_t count = 0;
  const auto result = std::from_chars(text.data(), end, count);
  if (result.ec != std::errc() || result.ptr != end || count < 0) {
    refuse(file.source, "expected metadata '{}' to be a whole number, found '{}'", key, text);
  }
  return count;
}

}  // namespace

ResumeKey resume_key(const std::vector<Setting>& decisive, const Engine& engine,
                     const torch::Tensor& labels, std::uint64_t images,
                     const TrainingOptions& options) {
  ResumeKey key;
  for (const Setting& setting : decisive) key["--" + setting.name] = setting.value;
  const std::string name = engine.name().substr(0, engine.name().find(' '));
  key["--engine"] = name;
  if (name == "autograd") key[kThreads] = std::to_string(engine.threads());
  key[kLabels] = std::to_string(fingerprint(labels));
  key[kImages] = std::to_string(images);
  if (options.lr_schedule != LrSchedule::kConstant) {
    key["epochs of --lr-schedule"] = std::to_string(options.epochs);
  }
  return key;
}

void check_key(const ResumeKey& expected, const ResumeKey& found, const std::string& name) {
  const auto value = [](const ResumeKey& key, const std::string& entry) {
    const auto place = key.find(entry);
    return place == key.end() ? "none" : place->second;
  };
  ResumeKey all = expected;
  all.insert(found.begin(), found.end());
  for (const auto& [entry, unused] : all) {
    if (value(expected, entry) == value(found, entry)) continue;
    if (entry == kImages && expected.count(entry) == 0) continue;
    if (entry == kThreads && found.count(entry) == 0) continue;
    fail(ExitCode::kUsage,
         "{}: expected {} as in {}, found {}; resume with the same, or choose another folder with "
         "--out",
         entry, value(expected, entry), name, value(found, entry));
  }
}

TensorFile checkpoint_file(const MlpImpl& model, const TrainingState& state, ResumeKey key) {
  TensorFile file{std::move(key), {}};
  file.metadata[kEpochs] = std::to_string(state.epochs);
  file.metadata[kLoss] = exact(state.loss);
  add_tensors(file, "", model, state.parameters);
  add_tensors(file, kVelocity, model, state.velocities);
  if (state.best) {
    file.metadata[kBestEpoch] = std::to_string(state.best->epoch);
    file.metadata[kBestLoss] = exact(state.best->loss);
    add_tensors(file, kBest, model, state.best->parameters);
  }
  return file;
}

TensorFile read_checkpoint_file(const std::filesystem::path& path) {
  constexpr const char* kRemedy = "start anew with --overwrite, or in another folder with --out";
  TensorFile file = read_safetensors(path, {path.string(), kRemedy, kRemedy});
  if (file.metadata.count(kEpochs) == 0) {
    refuse(file.source, "expected a checkpoint, found other weights");
  }
  return file;
}

TrainingState state_from(const TensorFile& file, const MlpImpl& model) {
  TrainingState state;
  state.epochs = read_count(file, kEpochs);
  state.loss = read_exact(file, kLoss);
  state.parameters = take_tensors(file, "", model);
  std::size_t tensors = state.parameters.size();
  if (has_tensors(file, kVelocity, model)) {
    state.velocities = take_tensors(file, kVelocity, model);
    tensors += state.parameters.size();
  }
  if (has_tensors(file, kBest, model)) {
    state.best = BestEpoch{read_count(file, kBestEpoch), read_exact(file, kBestLoss),
                           take_tensors(file, kBest, model)};
    tensors += state.parameters.size();
  }
  if (tensors != file.tensors.size()) {
    refuse(file.source, "expected the tensors of a checkpoint, found more");
  }
  return state;
}

}  // namespace mnist
